"""The metrics, one by one, as Prometheus reads them; `docs/metrics.md` explains each to people."""

from collections.abc import Iterator, Mapping
from typing import Any

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from anoncam.metrics.latency import LatencyHistogram


class DaemonCollector(Collector):
    """Makes the metrics of the newest `status`; None if there is no daemon.

    >>> REGISTRY.register(collector := DaemonCollector())
    >>> collector.status = status
    """

    def __init__(self) -> None:
        self.status: Mapping[str, Any] | None = None
        self.temperature: float | None = None
        self.latency = LatencyHistogram()
        self.chain_broken: bool | None = None
        self.clock_synchronized: bool | None = None

    def describe(self) -> list[Metric]:
        """Nothing is known before the first status."""
        return []

    def collect(self) -> Iterator[Metric]:
        """The metrics of now."""
        status = self.status
        yield _gauge("anoncam_up", "Whether the daemon answers.", float(status is not None))
        if self.temperature is not None:
            yield _gauge("anoncam_temperature_celsius", "Highest temperature.", self.temperature)
        if self.chain_broken is not None:
            yield _gauge(
                "anoncam_evidence_chain_broken",
                "Whether the chain of evidence has signs of tampering.",
                float(self.chain_broken),
            )
        if self.clock_synchronized is not None:
            yield _gauge(
                "anoncam_clock_synchronized",
                "Whether the wall clock is synchronized.",
                float(self.clock_synchronized),
            )
        if status is not None:
            yield from _of_status(status)
            yield self.latency.metric()


def _of_status(status: Mapping[str, Any]) -> Iterator[Metric]:
    counts, recording = status["counts"], status.get("recording") or {}
    info = GaugeMetricFamily("anoncam_build_info", "The version, in a label.", labels=["version"])
    info.add_metric([status["version"]], 1.0)
    yield info
    working = recording.get("state", "working") == "working"
    records = status["state"] == "recording" and working
    yield _gauge("anoncam_recording", "Whether frames are recorded.", float(records))
    yield _gauge("anoncam_veiled", "Whether frames are veiled now.", float(bool(counts["veil"])))
    yield _gauge("anoncam_faces", "Faces covered in the newest frame.", counts["faces"])
    frames = CounterMetricFamily(
        "anoncam_frames", "Frames since the daemon started.", labels=["outcome"]
    )
    clear = counts["recorded"] - counts["veiled"]
    for outcome, count in (
        ("clear", clear),
        ("veiled", counts["veiled"]),
        ("dropped", counts["dropped"]),
    ):
        frames.add_metric([outcome], count)
    yield frames
    for name, text, key in (
        ("anoncam_inferred_frames", "Frames that the detector has given a result for.", "inferred"),
        ("anoncam_faces_covered", "Boxes covered, frame by frame.", "faces_covered"),
        ("anoncam_damaged_pictures", "Pictures that could not be decoded wholly.", "damaged"),
        ("anoncam_source_losses", "How often the camera was lost.", "losses"),
    ):
        yield CounterMetricFamily(name, text, value=counts[key])
    if recording.get("bytes_on_disk") is not None:
        yield CounterMetricFamily(
            "anoncam_recorded_bytes",
            "Bytes that have reached the disk.",
            recording["bytes_on_disk"],
        )
    if recording.get("dropped_fragments") is not None:
        yield CounterMetricFamily(
            "anoncam_dropped_fragments",
            "Seconds of footage that the disk did not take.",
            recording["dropped_fragments"],
        )
    if recording.get("free_bytes") is not None:
        yield _gauge(
            "anoncam_disk_free_bytes", "Free bytes beside the recordings.", recording["free_bytes"]
        )


def _gauge(name: str, text: str, value: float) -> Metric:
    return GaugeMetricFamily(name, text, value=value)
