import threading
from collections.abc import Callable

import pytest

from anoncam.clock import NANOSECONDS
from anoncam.detectors.detector import Detector
from anoncam.detectors.simulated import SimulatedDetector
from anoncam.errors import DetectorError
from anoncam.events.event import Event
from tests.support import fakes
from tests.support.events import EventLog
from tests.support.frames import FakeClock
from tests.support.pipeline_bench import SOON, Bench, TickingClock

pytestmark = pytest.mark.integration


def test_live_frames_whose_result_is_late_are_veiled_and_the_veil_is_reported_once(
    bench: Callable[..., Bench], event_log: EventLog
) -> None:
    clock = FakeClock()
    source = fakes.MemorySource(live=True)
    detector = SimulatedDetector()
    detector.pause()
    run = bench(source, lambda: detector, clock=clock)
    run.begin()
    source.feed(*fakes.evenly(3, 30))
    run.wait_until(lambda: run.counters.captured == 3)
    assert detector.wait_until_submitted(1)
    clock.advance(0.6)
    run.wait_until(lambda: run.counters.recorded == 3)
    detector.resume()
    # Each leaves once there is a result for the one after it, or its time is over.
    for number in range(2, 6):
        source.feed(number * NANOSECONDS)
        assert detector.wait_until_submitted(number)
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
    run.wait_until(lambda: run.pipeline.window.veil_reason == "there is none")
    run.begin()
    source.feed(*fakes.evenly(10, 30))
    source.end()
    run.end()

    assert len(run.recorded) == 10
    assert run.clear == []
    assert event_log.of(Event.VEIL_BEGAN)[0]["reason"] == "there is none"


def test_what_cannot_be_recorded_in_time_is_dropped_counted_and_reported_once(
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
