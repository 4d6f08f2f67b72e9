import random
import threading
from collections.abc import Callable
from itertools import pairwise

import numpy as np
import pytest

from anoncam.anonymizer.anonymizer import Anonymizer
from anoncam.clock import NANOSECONDS, Stop
from anoncam.config.schema import AnonymizerSettings
from anoncam.detectors.simulated import Reaction, SimulatedDetector
from anoncam.errors import DetectorError
from anoncam.events.event import Event
from anoncam.frames.frame import Picture
from anoncam.pipeline.counters import Counters
from anoncam.pipeline.pipeline import Pipeline
from tests.support import fakes
from tests.support.events import EventLog
from tests.support.pipeline_bench import SOON, Bench, Make, TickingClock

pytestmark = pytest.mark.integration


def slow_detector(pause: Callable[[], object]) -> Make:
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
    ids=["empty", "one", "two", "plain", "one a second", "240 a second", "bursts", "pauses"],
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
    run = bench(
        fakes.MemorySource(timestamps), slow_detector(lambda: allowed.acquire(timeout=SOON))
    )
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
def test_no_frame_is_recorded_clear_unless_results_cover_it(
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

    inferred = sorted({each for detector in made for each in detector.collected} - partial)
    for timestamp in run.clear:
        assert timestamp in inferred or any(
            before < timestamp < after and after - before <= max_gap * NANOSECONDS
            for before, after in pairwise(inferred)
        )
    assert run.counters.recorded + run.counters.dropped == len(timestamps)
    assert run.recorded == sorted(run.recorded)
    assert run.counters.veiled == len(run.recorded) - len(run.clear)


def test_frames_that_the_source_has_lost_count_as_dropped_and_leave_a_jump_in_the_sequence(
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


def test_one_inference_stage_serves_one_pipeline_after_the_other(
    bench: Callable[..., Bench],
) -> None:
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
