"""The hardware test: twenty seconds with the real camera, detector and encoder."""

import platform
import resource
import statistics
import tempfile
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from anoncam.anonymizer.anonymizer import Anonymizer
from anoncam.clock import SystemClock
from anoncam.doctor.check import Finding, Installation, note, ok, problem
from anoncam.errors import AnoncamError
from anoncam.pipeline.counters import Counters
from anoncam.pipeline.inference import InferenceStage
from anoncam.service.feed import Feed
from anoncam.service.reload import detector_starter
from anoncam.service.session import Session
from anoncam.service.snapshots import Snapshots
from anoncam.service.source_reports import SourceReports
from anoncam.service.status import size
from anoncam.sources.process.questions import play

SECONDS = 20.0
"""How many seconds it records."""

ENOUGH = 0.9
"""Share of the wanted frames, and of frames without a veil, that is good enough."""

CHECK = "hardware test"

_STEP = 0.25


@dataclass(frozen=True)
class _Measured:
    latencies: list[float]
    seconds: float
    error: Exception | None


def try_hardware(
    installation: Installation, show: Callable[[str], None], seconds: float = SECONDS
) -> Iterator[Finding]:
    """Record for `seconds` into a folder that is deleted afterwards, and judge the recording.

    `show` is called with the progress. The recording is anonymized like any other.
    """
    machine = installation.machine
    model = machine.text("/proc/device-tree/model") or platform.machine()
    yield note(CHECK, f"{model}, {platform.platform()}, Python {platform.python_version()}")
    if installation.status:
        yield problem(
            CHECK,
            "not done",
            "the daemon has the camera",
            "run systemctl stop anoncam, and start it afterwards",
        )
        return
    config = installation.config
    counters, clock = Counters(), SystemClock()
    with tempfile.TemporaryDirectory(prefix="anoncam-", dir=_large_folder(installation)) as name:
        folder = Path(name)
        settings = config.recording.model_copy(update={"folder": folder})
        config = config.model_copy(update={"recording": settings})
        inference = InferenceStage(detector_starter(config), counters=counters)
        session = Session(config, folder, counters, clock, Snapshots(), Feed(clock))
        inference.start()
        try:
            with session.open(SourceReports(clock)) as source:
                wanted = float(source.format.frame_rate)
                size_text = f"{source.format.width}x{source.format.height} {source.format.layout}"
                yield ok(
                    CHECK, f"source {source.description}, {size_text}, {wanted:g} frames a second"
                )
                inference.up.wait(30)
                measured = _record(
                    lambda: session.record(source, Anonymizer(config.anonymizer), inference),
                    session,
                    inference,
                    seconds,
                    show,
                )
            yield from _judge(measured, counters, wanted, inference)
            yield _play(sorted(folder.glob("*.mp4")), counters.recorded)
        except AnoncamError as error:
            yield problem(
                CHECK,
                "the source cannot be used",
                str(error),
                "see the findings on the camera above",
            )
        finally:
            inference.close()
    peak = (
        resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        + resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    )
    yield note(CHECK, f"at most {size(peak * 1024)} of memory in use, detector included")


def _record(
    record: Callable[[], None],
    session: Session,
    inference: InferenceStage,
    seconds: float,
    show: Callable[[str], None],
) -> _Measured:
    errors: list[Exception] = []

    def run() -> None:
        try:
            record()
        except Exception as error:  # reported as a finding
            errors.append(error)

    clock = SystemClock()
    began = clock.monotonic()
    thread = threading.Thread(target=run, name="recording")
    thread.start()
    latencies: list[float] = []
    while thread.is_alive() and (clock.monotonic() - began) / 1e9 < seconds:
        thread.join(_STEP)
        if inference.latency:
            latencies.append(inference.latency)
        show(f"recording, {seconds - (clock.monotonic() - began) / 1e9:.0f} s left")
    took = (clock.monotonic() - began) / 1e9
    session.stop.request()
    thread.join()
    return _Measured(latencies, took, errors[0] if errors else None)


def _judge(
    measured: _Measured, counters: Counters, wanted: float, inference: InferenceStage
) -> Iterator[Finding]:
    if measured.error is not None:
        yield problem(CHECK, "the recording broke off", str(measured.error), "report it with this")
    rate = counters.captured / measured.seconds
    text = f"{counters.captured} frames in {measured.seconds:.1f} s ({rate:.1f} a second)"
    text += f", {counters.dropped} dropped"
    if rate < wanted * ENOUGH or counters.dropped > counters.captured * (1 - ENOUGH):
        remedy = "lower source.fps or the size; see the findings on power"
        yield problem(CHECK, text, f"{wanted:g} a second were wanted", remedy)
    else:
        yield ok(CHECK, text)
    info = inference.info
    if info is None or not measured.latencies:
        yield problem(
            CHECK,
            "the detector gave no result",
            str(inference.failure or "unknown"),
            "see the findings on the detector above",
        )
    else:
        middle, worst = statistics.median(measured.latencies) * 1000, max(measured.latencies) * 1000
        times = f"{middle:.1f} ms, at most {worst:.1f} ms"
        text = f"detector {info.model} on {info.device} with {info.runtime}: {times}"
        yield ok(CHECK, f"{text}; {counters.inferred} results; {info.reason}")
    veiled = f"{counters.veiled} of {counters.recorded} frames veiled"
    veiled += f", {counters.faces_covered} faces covered"
    if counters.veiled > counters.recorded * (1 - ENOUGH):
        remedy = "take a smaller model or a lower detector.rate"
        yield problem(CHECK, veiled, counters.veil or "the detector is too slow", remedy)
    else:
        yield ok(CHECK, veiled)


def _play(segments: list[Path], recorded: int) -> Finding:
    played = [play(segment) for segment in segments]
    broken = next((each.problem for each in played if each.problem), "")
    if broken:
        return problem(
            CHECK,
            "the footage does not play",
            broken,
            "set recording.encoder: libx264, and report it",
        )
    frames = sum(each.frames for each in played)
    codec = played[0].codec if played else "none"
    total = sum(segment.stat().st_size for segment in segments)
    if not frames or frames != recorded:
        cause = f"{frames} of {recorded} frames can be played"
        return problem(
            CHECK, "footage is missing", cause, "set recording.encoder: libx264, and report it"
        )
    return ok(CHECK, f"all {frames} frames play ({codec}, {len(segments)} segments, {size(total)})")


def _large_folder(installation: Installation) -> Path | None:
    """A folder on the disk of the recordings; None if it cannot be written."""
    state = installation.folders.state
    try:
        with tempfile.TemporaryFile(dir=state):
            return state
    except OSError:
        return None
