"""The pipeline with its threads, its pool and its anonymizer; only the two ends are in memory."""

import random
import threading
from collections.abc import Callable, Iterator
from itertools import pairwise

import numpy as np
import pytest

from anoncam.anonymizer.anonymizer import Anonymizer
from anoncam.clock import NANOSECONDS, Stop
from anoncam.config.schema import AnonymizerSettings, Config, DetectorSettings
from anoncam.detectors.detector import Detector
from anoncam.detectors.process.detector_process import DetectorProcess
from anoncam.detectors.simulated import Reaction, SimulatedDetector
from anoncam.errors import CameraError, DetectorError, InputError, StorageError
from anoncam.events.event import Event
from anoncam.frames.frame import Frame, Picture, tight
from anoncam.pipeline import inference
from anoncam.pipeline.counters import Counters
from anoncam.pipeline.inference import InferenceStage
from anoncam.pipeline.pipeline import Pipeline
from tests.support import fakes, portrait
from tests.support.events import EventLog
from tests.support.frames import FakeClock

pytestmark = pytest.mark.integration

SOON = 30.0

Make = Callable[[], Detector]


class TickingClock(FakeClock):
    """A clock that goes on whenever somebody looks at it, so that no test waits for it."""

    def __init__(self, step: float = 0.002) -> None:
        super().__init__()
        self._step = step

    def monotonic(self) -> int:
        self.advance(self._step)
        return self.nanoseconds

    def go_on(self, step: float) -> None:
        """Go on by so many seconds with each look from now on."""
        self._step = step


class Bench:
    """A pipeline, and all that it needs."""

    def __init__(
        self,
        source: fakes.MemorySource,
        make: Make,
        *,
        recorder: fakes.MemoryRecorder | None = None,
        max_failures: int | None = None,
        clock: FakeClock | None = None,
        **settings: object,
    ) -> None:
        self.source = source
        self.recorder = recorder or fakes.MemoryRecorder()
        self.counters = Counters()
        self.stop = Stop()
        self.config = Config.model_validate(settings)
        self.inference = InferenceStage(make, counters=self.counters, max_failures=max_failures)
        self.inference.start()
        self.inference.up.wait(SOON)
        self.pipeline = Pipeline(
            source,
            self.recorder,
            Anonymizer(AnonymizerSettings()),
            self.inference,
            self.config,
            self.counters,
            clock or TickingClock(),
            self.stop,
        )
        self.error: BaseException | None = None
        self._thread = threading.Thread(target=self._run)

    def _run(self) -> None:
        try:
            self.pipeline.run()
        except Exception as error:
            self.error = error

    def begin(self) -> None:
        """Run in a thread."""
        self._thread.start()

    def run(self) -> None:
        """Run to the end."""
        self.begin()
        self.end()

    def end(self) -> None:
        """Wait for the end, after which no frame is anywhere but in the pool."""
        self._thread.join(SOON)
        assert not self._thread.is_alive(), "the pipeline hangs"
        pool = self.pipeline._pool
        assert pool.free == pool.count, "frames are missing from the pool"
        assert self.recorder.finished >= 1
        assert all(capture.closed for capture in self.source.captures)
        assert self.source.closed

    @staticmethod
    def wait_until(happened: Callable[[], bool]) -> None:
        """Wait for what no event tells."""
        for _ in range(30_000):
            if happened():
                return
            threading.Event().wait(0.001)
        raise AssertionError("it never happened")

    @property
    def recorded(self) -> list[int]:
        return [frame.timestamp for frame in self.recorder.frames]

    @property
    def clear(self) -> list[int]:
        return [frame.timestamp for frame in self.recorder.frames if frame.is_clear]


@pytest.fixture(autouse=True)
def _no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inference, "BACK_OFF", (0.001,))


@pytest.fixture
def bench() -> Iterator[Callable[..., Bench]]:
    made: list[Bench] = []

    def make(*arguments: object, **settings: object) -> Bench:
        made.append(Bench(*arguments, **settings))  # type: ignore[arg-type]
        return made[-1]

    yield make
    for each in made:
        each.stop.request()
        each.source.close()
        each.inference.close()


def _slow(pause: Callable[[], object]) -> Make:
    def look(_picture: Picture, _timestamp: int) -> Reaction:
        pause()
        return Reaction()

    return lambda: SimulatedDetector(look)


@pytest.mark.parametrize(
    "timestamps",
    [
        [],
        fakes.evenly(1, 30),
        fakes.evenly(2, 30),
        fakes.evenly(100, 30),
        fakes.evenly(5, 1),
        fakes.evenly(300, 240),
        fakes.evenly(40, 1000) + fakes.evenly(3, 1, start=1.0) + fakes.evenly(40, 1000, start=9.0),
        [0, 5 * NANOSECONDS, 5 * NANOSECONDS + 1],
    ],
    ids=["empty", "one", "two", "plain", "one a second", "240 a second", "bursts", "gaps"],
)
def test_a_file_is_recorded_whole_in_its_order_and_nothing_of_it_is_veiled(
    bench: Callable[..., Bench], timestamps: list[int]
) -> None:
    run = bench(fakes.MemorySource(timestamps), SimulatedDetector)

    run.run()

    assert run.error is None
    assert run.recorded == run.clear == timestamps
    assert [frame.sequence for frame in run.recorder.frames] == list(range(len(timestamps)))
    assert (run.counters.captured, run.counters.recorded, run.counters.dropped) == (
        len(timestamps),
        len(timestamps),
        0,
    )
    assert run.counters.veiled == 0


def test_a_detector_slower_than_the_decoder_veils_nothing_of_a_file(
    bench: Callable[..., Bench],
) -> None:
    allowed = threading.Semaphore(0)
    timestamps = fakes.evenly(60, 30)
    run = bench(fakes.MemorySource(timestamps), _slow(lambda: allowed.acquire(timeout=SOON)))
    run.begin()
    for _ in timestamps:
        # The pool is empty long before each of these.
        allowed.release()
    run.end()

    assert run.clear == timestamps


def test_a_file_whose_detector_dies_now_and_then_is_not_veiled(bench: Callable[..., Bench]) -> None:
    timestamps = fakes.evenly(60, 30)
    deaths = iter([timestamps[10], timestamps[11], timestamps[40], timestamps[59]])

    def make() -> SimulatedDetector:
        last = next(deaths, -1)
        return SimulatedDetector(
            lambda _, timestamp: Reaction(error="it died" if timestamp == last else "")
        )

    run = bench(fakes.MemorySource(timestamps), make, detector={"rate": 0})
    run.run()

    assert run.clear == timestamps


def test_a_face_is_covered_in_every_frame_from_the_look_ahead_before_it_was_found(
    bench: Callable[..., Bench],
) -> None:
    timestamps = fakes.evenly(60, 30)
    face = Reaction(np.array([[20, 15, 20, 16, 0.9]], np.float32))

    def make() -> SimulatedDetector:
        return SimulatedDetector(
            lambda _, timestamp: face if timestamp >= timestamps[40] else Reaction()
        )

    run = bench(fakes.MemorySource(timestamps), make, detector={"rate": 0})
    run.run()

    hidden = [
        not (frame.luma[17:29, 22:38] == fakes.SECRET[17:29, 22:38]).mean() > 0.5
        for frame in run.recorder.frames
    ]
    assert hidden == [False] * 25 + [True] * 35
    assert run.counters.faces_covered == 35


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize("live", [True, False])
def test_no_frame_is_recorded_clear_unless_answers_near_enough_cover_it(
    bench: Callable[..., Bench], seed: int, live: bool
) -> None:
    rng = random.Random(seed)
    made: list[SimulatedDetector] = []
    partial: set[int] = set()

    def react(_picture: Picture, timestamp: int) -> Reaction:
        kind = rng.random()
        if kind < 0.05:
            return Reaction(error="it died")
        if kind < 0.15:
            partial.add(timestamp)
        return Reaction(complete=timestamp not in partial)

    def make() -> SimulatedDetector:
        if rng.random() < 0.3:
            raise DetectorError("it does not start")
        made.append(SimulatedDetector(react))
        return made[-1]

    timestamps = np.cumsum(
        [rng.choice([33, 33, 33, 66, 700]) * 1_000_000 for _ in range(120)]
    ).tolist()
    source = fakes.MemorySource(live=live)
    if not live:
        source = fakes.MemorySource(timestamps)
    max_gap = rng.choice([0.05, 0.1, 0.5])
    run = bench(source, make, detector={"max_gap": max_gap, "rate": rng.choice([0, 15])})
    if live:
        source.feed(*timestamps)
        source.end()

    run.run()

    moments = sorted({moment for detector in made for moment in detector.answered} - partial)
    for timestamp in run.clear:
        assert timestamp in moments or any(
            before < timestamp < after and after - before <= max_gap * NANOSECONDS
            for before, after in pairwise(moments)
        )
    assert run.counters.recorded + run.counters.dropped == len(timestamps)
    assert run.recorded == sorted(run.recorded)
    assert run.counters.veiled == len(run.recorded) - len(run.clear)


def test_live_frames_whose_answer_is_late_are_veiled_and_the_veil_is_told_once(
    bench: Callable[..., Bench], event_log: EventLog
) -> None:
    clock = FakeClock()
    source = fakes.MemorySource(live=True)
    detector = SimulatedDetector()
    detector.hold()
    run = bench(source, lambda: detector, clock=clock)
    run.begin()
    source.feed(*fakes.evenly(3, 30))
    run.wait_until(lambda: run.counters.captured == 3)
    assert detector.wait_until_asked(1)
    clock.advance(0.6)
    run.wait_until(lambda: run.counters.recorded == 3)
    detector.let_go()
    # Each leaves once the one after it is examined, or its time is over.
    for number in range(2, 6):
        source.feed(number * NANOSECONDS)
        assert detector.wait_until_asked(number)
    source.end()
    run.end()

    assert run.recorded[:3] == fakes.evenly(3, 30)
    assert run.clear == [number * NANOSECONDS for number in range(2, 6)]
    assert len(event_log.of(Event.VEIL_BEGAN)) == len(event_log.of(Event.VEIL_ENDED)) == 1


def test_without_a_detector_everything_is_recorded_veiled(
    bench: Callable[..., Bench], event_log: EventLog
) -> None:
    def make() -> Detector:
        raise DetectorError("there is none")

    source = fakes.MemorySource(live=True)
    run = bench(source, make, clock=TickingClock(0.1))
    source.feed(*fakes.evenly(10, 30))
    source.end()
    run.run()

    assert len(run.recorded) == 10
    assert run.clear == []
    assert event_log.of(Event.VEIL_BEGAN)[0]["reason"] == "there is none"


def test_what_cannot_be_recorded_in_time_is_dropped_at_the_camera_counted_and_told_once(
    bench: Callable[..., Bench], event_log: EventLog
) -> None:
    go_on = threading.Event()
    source = fakes.MemorySource(live=True)
    recorder = fakes.MemoryRecorder(meanwhile=lambda: go_on.wait(SOON))
    run = bench(source, SimulatedDetector, recorder=recorder)
    run.begin()
    timestamps = fakes.evenly(200, 30)
    source.feed(*timestamps)
    event_log.wait_for(Event.FRAMES_DROPPING)
    source.end()
    run.wait_until(source._queue.empty)
    go_on.set()
    run.end()

    pool = run.pipeline._pool.count
    assert run.counters.captured == 200
    assert run.counters.dropped == 200 - len(run.recorded) >= 200 - pool
    assert len(event_log.of(Event.FRAMES_DROPPING)) == 1
    assert event_log.of(Event.FRAMES_DROPPED) == [{"frames": run.counters.dropped}]
    assert [timestamps[frame.sequence] for frame in recorder.frames] == run.recorded


def test_what_a_source_has_lost_by_itself_is_dropped_too_and_leaves_a_hole_in_the_sequence(
    bench: Callable[..., Bench], event_log: EventLog
) -> None:
    source = fakes.MemorySource(fakes.evenly(10, 30))
    read = source.read

    def behind() -> fakes.MemoryCapture | None:
        if len(source.captures) == 4:
            source.lost += 3
        return read()

    source.read = behind  # type: ignore[method-assign]
    run = bench(source, SimulatedDetector)
    run.run()

    assert (run.counters.captured, run.counters.dropped, run.counters.recorded) == (13, 3, 10)
    assert [frame.sequence for frame in run.recorder.frames] == [0, 1, 2, 3, *range(7, 13)]
    assert event_log.of(Event.FRAMES_DROPPED) == [{"frames": 3}]


def test_a_file_that_breaks_is_recorded_to_where_it_broke(bench: Callable[..., Bench]) -> None:
    timestamps = fakes.evenly(40, 30)
    source = fakes.MemorySource(live=False)
    source._queue.get()
    source.feed(*timestamps, InputError("it is broken here"))
    run = bench(source, SimulatedDetector)
    run.run()

    assert isinstance(run.error, InputError)
    assert run.clear == timestamps
    assert not run.stop.requested


def test_a_camera_that_goes_leaves_all_frames_recorded_and_the_stop_to_others(
    bench: Callable[..., Bench],
) -> None:
    source = fakes.MemorySource(live=True)
    run = bench(source, SimulatedDetector)
    source.feed(*fakes.evenly(10, 30), CameraError("it is unplugged"))
    run.run()

    assert isinstance(run.error, CameraError)
    assert run.recorded == fakes.evenly(10, 30)
    assert not run.stop.requested


def test_a_capture_that_cannot_be_copied_ends_the_pipeline_and_its_frame_goes_back(
    bench: Callable[..., Bench],
) -> None:
    source = fakes.MemorySource(fakes.evenly(10, 30))
    read = source.read

    def spoiled() -> fakes.MemoryCapture | None:
        capture = read()
        if capture is not None and len(source.captures) == 5:
            capture.error = InputError("half a picture")
        return capture

    source.read = spoiled  # type: ignore[method-assign]
    run = bench(source, SimulatedDetector)
    run.run()

    assert isinstance(run.error, InputError)
    assert run.clear == fakes.evenly(4, 30)


@pytest.mark.parametrize("live", [True, False])
def test_a_recorder_that_fails_ends_the_pipeline_with_every_frame_back_in_the_pool(
    bench: Callable[..., Bench], live: bool
) -> None:
    source = fakes.MemorySource(fakes.evenly(500, 30), live=live)
    run = bench(source, SimulatedDetector, recorder=fakes.MemoryRecorder(fails_at=3))
    run.run()

    assert isinstance(run.error, StorageError)
    assert run.recorded == fakes.evenly(500, 30)[:3] or live
    assert len(run.recorded) == 3
    assert run.stop.requested


def test_an_anonymizer_that_fails_lets_no_frame_through(
    bench: Callable[..., Bench], monkeypatch: pytest.MonkeyPatch
) -> None:
    run = bench(fakes.MemorySource(fakes.evenly(40, 30)), SimulatedDetector)

    def fail(_frame: Frame, _coverage: object) -> None:
        raise MemoryError

    monkeypatch.setattr(run.pipeline._anonymizer, "apply", fail)
    run.run()

    assert isinstance(run.error, MemoryError)
    assert run.recorded == []


def test_an_examiner_that_runs_out_of_patience_leaves_a_file_veiled_and_not_waiting(
    bench: Callable[..., Bench],
) -> None:
    timestamps = fakes.evenly(60, 30)

    def make() -> SimulatedDetector:
        return SimulatedDetector(
            lambda _, timestamp: Reaction(error="it died" if timestamp >= timestamps[30] else "")
        )

    run = bench(fakes.MemorySource(timestamps), make, max_failures=3)
    run.run()

    assert str(run.inference.failure) == "it died"
    assert run.recorded == timestamps
    assert timestamps[0] in run.clear
    assert timestamps[35] not in run.clear


@pytest.mark.parametrize("live", [True, False])
def test_a_stop_ends_the_pipeline_though_the_detector_is_silent(
    bench: Callable[..., Bench], live: bool
) -> None:
    detector = SimulatedDetector(
        lambda _picture, _timestamp: Reaction(silent=True), result_timeout=1000
    )
    first, *others = fakes.evenly(500, 30)
    source = fakes.MemorySource(live=True)
    source.live = live
    clock = TickingClock(0.0)
    run = bench(source, lambda: detector, clock=clock)
    run.begin()
    # Live frames do not wait for an examiner that has not come to look at them: time stands still
    # until it has.
    source.feed(first, *([] if live else others))
    assert detector.wait_until_asked(1)
    source.feed(*(others if live else []))
    clock.go_on(0.05)
    run.stop.request()
    source.end()
    run.end()

    assert run.error is None
    assert run.clear == []
    assert run.counters.captured == run.counters.recorded + run.counters.dropped


def test_a_stop_of_a_file_that_waits_for_the_pool_drops_no_frame(
    bench: Callable[..., Bench], event_log: EventLog
) -> None:
    detector = SimulatedDetector()
    detector.hold()
    source = fakes.MemorySource(fakes.evenly(500, 30))
    run = bench(source, lambda: detector)
    run.begin()
    assert detector.wait_until_asked(2)
    run.wait_until(lambda: not run.pipeline._pool.free)
    run.stop.request()
    run.end()

    assert run.counters.dropped == 0
    assert event_log.of(Event.FRAMES_DROPPING) == []


def test_one_examiner_serves_one_pipeline_after_the_other(bench: Callable[..., Bench]) -> None:
    first = bench(fakes.MemorySource(fakes.evenly(40, 30)), SimulatedDetector)
    first.run()
    for rate in (10.0, 30.0):
        timestamps = fakes.evenly(40, rate)
        source, recorder = fakes.MemorySource(timestamps), fakes.MemoryRecorder()
        anonymizer = Anonymizer(AnonymizerSettings())
        Pipeline(
            source,
            recorder,
            anonymizer,
            first.inference,
            first.config,
            Counters(),
            TickingClock(),
            Stop(),
        ).run()

        assert [frame.timestamp for frame in recorder.frames if frame.is_clear] == timestamps


class PortraitSource(fakes.MemorySource):
    """The portrait, moving slowly to the right."""

    def __init__(self, count: int) -> None:
        super().__init__(fakes.evenly(count, 30))
        self.format = tight(320, 240)
        self.picture, self.face = portrait.portrait_frame(self.format)

    def read(self) -> "PortraitCapture | None":  # type: ignore[override]
        capture = super().read()
        return None if capture is None else PortraitCapture(capture, self.picture)


class PortraitCapture:
    def __init__(self, capture: fakes.MemoryCapture, picture: Frame) -> None:
        self.timestamp = capture.timestamp
        self._capture = capture
        self._picture = picture

    def copy_into(self, frame: Frame) -> None:
        shift = round(self.timestamp * 30 / NANOSECONDS) * 2
        frame.timestamp = self.timestamp
        frame.luma[:] = np.roll(self._picture.luma, shift, axis=1)
        for plane, picture in zip(frame.chroma, self._picture.chroma, strict=True):
            plane[:] = np.roll(picture, shift // 2, axis=1)

    def close(self) -> None:
        self._capture.close()


def test_the_shipped_model_covers_a_real_face_in_every_frame(bench: Callable[..., Bench]) -> None:
    source = PortraitSource(40)
    settings = DetectorSettings(model="anoncam-face-320x320", device="cpu")
    run = bench(source, lambda: DetectorProcess(settings, 0.2))
    run.run()

    assert run.error is None
    assert (run.counters.recorded, run.counters.veiled) == (40, 0)
    x, y, width, height = (round(side) for side in source.face)
    for number, frame in enumerate(run.recorder.frames):
        original = np.roll(source.picture.luma, 2 * number, axis=1)
        face = np.s_[y : y + height, x + 2 * number : x + 2 * number + width]
        assert (frame.luma[face] == original[face]).mean() < 0.05
        assert (frame.luma == original).mean() > 0.7
