"""The metrics, one by one, as Prometheus reads them; `docs/metrics.md` explains each to people."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    Metric,
)
from prometheus_client.registry import Collector

from anoncam.metrics.latency import LatencyHistogram

_COUNTS = (
    ("anoncam_inferred_frames", "Frames that the detector has given a result for.", "inferred"),
    ("anoncam_faces_covered", "Boxes covered, frame by frame.", "faces_covered"),
    ("anoncam_damaged_pictures", "Pictures that could not be decoded wholly.", "damaged"),
    ("anoncam_source_losses", "How often the camera was lost.", "losses"),
)


@dataclass
class Camera:
    """What is known of a camera; without its daemon, `status` is None.

    `expected` is whether it has been there, or starts with the machine.
    `chain_broken` is whether its evidence was tampered with, None if that is not known.
    """

    status: Mapping[str, Any] | None = None
    expected: bool = False
    chain_broken: bool | None = None
    latency: LatencyHistogram = field(default_factory=LatencyHistogram)


class DeviceCollector(Collector):
    """Makes the metrics of all `cameras` by their names, and of the machine.

    >>> REGISTRY.register(collector := DeviceCollector())
    >>> collector.cameras["door"] = Camera(status, expected=True)
    """

    def __init__(self) -> None:
        self.cameras: dict[str, Camera] = {}
        self.temperature: float | None = None
        self.clock_synchronized: bool | None = None

    def describe(self) -> list[Metric]:
        """Nothing is known before the first status."""
        return []

    def collect(self) -> Iterator[Metric]:
        """The metrics of now: of the cameras that are expected, without any of the only one."""
        families = _Families()
        if self.temperature is not None:
            families.machine("anoncam_temperature_celsius", "Highest temperature.").add_metric(
                [], self.temperature
            )
        if self.clock_synchronized is not None:
            families.machine(
                "anoncam_clock_synchronized", "Whether the wall clock is synchronized."
            ).add_metric([], float(self.clock_synchronized))
        cameras = dict(self.cameras)
        expected = {name: each for name, each in cameras.items() if each.expected}
        for name, each in (expected or {"": Camera()}).items():
            _add(families, name, each)
        yield from families.made.values()


class _Families:
    """Metrics by their names; each has a sample for each camera."""

    def __init__(self) -> None:
        self.made: dict[str, Any] = {}

    def machine(self, name: str, text: str) -> GaugeMetricFamily:
        made: GaugeMetricFamily = self._family(GaugeMetricFamily, name, text, ())
        return made

    def gauge(self, camera: str, name: str, text: str, value: float, **labels: str) -> None:
        family = self._family(GaugeMetricFamily, name, text, ("camera", *labels))
        family.add_metric([camera, *labels.values()], value)

    def counter(self, camera: str, name: str, text: str, value: float, **labels: str) -> None:
        family = self._family(CounterMetricFamily, name, text, ("camera", *labels))
        family.add_metric([camera, *labels.values()], value)

    def latency(self, camera: str, histogram: LatencyHistogram) -> None:
        text = "Time from a frame's submission to the detector to its result."
        family = self._family(HistogramMetricFamily, "anoncam_detector_seconds", text, ("camera",))
        family.add_metric([camera], histogram.buckets(), histogram.sum)

    def _family(self, kind: type, name: str, text: str, labels: tuple[str, ...]) -> Any:  # noqa: ANN401 - the kinds share no type
        if name not in self.made:
            self.made[name] = kind(name, text, labels=labels)
        return self.made[name]


def _add(families: _Families, camera: str, known: Camera) -> None:
    status = known.status
    families.gauge(camera, "anoncam_up", "Whether the daemon answers.", float(status is not None))
    if known.chain_broken is not None:
        text = "Whether the chain of evidence has signs of tampering."
        families.gauge(camera, "anoncam_evidence_chain_broken", text, float(known.chain_broken))
    if status is None:
        return
    counts, recording = status["counts"], status.get("recording") or {}
    text = "The version, in a label."
    families.gauge(camera, "anoncam_build_info", text, 1.0, version=status["version"])
    working = recording.get("state", "working") == "working"
    records = float(status["state"] == "recording" and working)
    families.gauge(camera, "anoncam_recording", "Whether frames are recorded.", records)
    veiled = float(bool(counts["veil"]))
    families.gauge(camera, "anoncam_veiled", "Whether frames are veiled now.", veiled)
    text = "Faces covered in the newest frame."
    families.gauge(camera, "anoncam_faces", text, counts["faces"])
    outcomes = {
        "clear": counts["recorded"] - counts["veiled"],
        "veiled": counts["veiled"],
        "dropped": counts["dropped"],
    }
    for outcome, count in outcomes.items():
        text = "Frames since the daemon started."
        families.counter(camera, "anoncam_frames", text, count, outcome=outcome)
    for name, text, key in _COUNTS:
        families.counter(camera, name, text, counts[key])
    _add_storage(families, camera, recording)
    families.latency(camera, known.latency)


def _add_storage(families: _Families, camera: str, recording: Mapping[str, Any]) -> None:
    if recording.get("bytes_on_disk") is not None:
        text = "Bytes that have reached the disk."
        families.counter(camera, "anoncam_recorded_bytes", text, recording["bytes_on_disk"])
    if recording.get("dropped_fragments") is not None:
        text = "Seconds of footage that the disk did not take."
        families.counter(camera, "anoncam_dropped_fragments", text, recording["dropped_fragments"])
    if recording.get("free_bytes") is not None:
        text = "Free bytes beside the recordings."
        families.gauge(camera, "anoncam_disk_free_bytes", text, recording["free_bytes"])
    upload = recording.get("upload")
    if upload:
        text = "Segments that wait to be uploaded."
        families.gauge(camera, "anoncam_upload_waiting_segments", text, upload["segments"])
        text = "Bytes of the segments that wait to be uploaded."
        families.gauge(camera, "anoncam_upload_waiting_bytes", text, upload["bytes"])
        text = "Whether the last upload has failed."
        families.gauge(camera, "anoncam_upload_failing", text, float(bool(upload["problem"])))
