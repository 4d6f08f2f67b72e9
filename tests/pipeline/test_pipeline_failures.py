from collections.abc import Callable

import pytest

from anoncam.detectors.simulated import Reaction, SimulatedDetector
from anoncam.errors import CameraError, InputError, StorageError
from anoncam.events.event import Event
from anoncam.frames.frame import Frame
from tests.support import fakes
from tests.support.events import EventLog
from tests.support.pipeline_bench import Bench, TickingClock

pytestmark = pytest.mark.integration


def test_a_file_that_breaks_is_recorded_up_to_there(bench: Callable[..., Bench]) -> None:
    timestamps = fakes.evenly(40, 30)
    source = fakes.MemorySource(live=False)
    source._queue.get()
    source.feed(*timestamps, InputError("it is broken here"))
    run = bench(source, SimulatedDetector)
    run.run()

    assert isinstance(run.error, InputError)
    assert run.clear == timestamps
    assert not run.stop.requested


def test_all_frames_of_a_camera_that_breaks_are_recorded_and_no_stop_is_requested(
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

    def damaged() -> fakes.MemoryCapture | None:
        capture = read()
        if capture is not None and len(source.captures) == 5:
            capture.error = InputError("half a picture")
        return capture

    source.read = damaged  # type: ignore[method-assign]
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


def test_a_file_does_not_wait_for_a_detector_that_is_given_up(
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
def test_a_stop_ends_the_pipeline_when_the_detector_is_silent(
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
    # Live frames do not wait for the inference stage: time stands still until it has one.
    source.feed(first, *([] if live else others))
    assert detector.wait_until_submitted(1)
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
    detector.pause()
    source = fakes.MemorySource(fakes.evenly(500, 30))
    run = bench(source, lambda: detector)
    run.begin()
    assert detector.wait_until_submitted(1)
    run.wait_until(lambda: not run.pipeline._pool.free)
    run.stop.request()
    run.end()

    assert run.counters.dropped == 0
    assert event_log.of(Event.FRAMES_DROPPING) == []
