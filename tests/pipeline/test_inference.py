from collections.abc import Callable

import numpy as np

from anoncam.detectors.simulated import INFO, Reaction, SimulatedDetector
from anoncam.errors import DetectorError, ModelError
from anoncam.events.event import Event
from anoncam.frames.frame import Picture
from anoncam.pipeline import inference as inference_module
from anoncam.pipeline.inference import InferenceStage
from tests.support.events import EventLog
from tests.support.frames import FakeClock
from tests.support.inference import SOON, Makes, Waits, dies_at, drain, frame_at, window_of


def test_frames_are_inferred_in_their_order_and_counted(
    stages: Callable[..., InferenceStage],
) -> None:
    make = Makes(SimulatedDetector)
    inference = stages(make)
    window = window_of(1, 2, 3)
    inference.attach(window)

    assert drain(window) == ["", "", ""]
    assert make.made[0].submitted == make.made[0].collected == [1, 2, 3]
    assert inference._counters.inferred == 3


def test_the_detector_is_up_before_the_first_frame(
    stages: Callable[..., InferenceStage], event_log: EventLog
) -> None:
    inference = stages(Makes(SimulatedDetector))

    assert inference.up.wait(SOON)
    assert inference.info == INFO
    (up,) = event_log.wait_for(Event.DETECTOR_UP)
    assert up["model"] == "simulated"


def test_a_detector_is_started_again_after_longer_and_longer_pauses(
    stages: Callable[..., InferenceStage],
) -> None:
    make = Makes(*[DetectorError("no")] * 7, SimulatedDetector)
    inference = stages(make)
    make.wait_for(8)

    assert isinstance(inference._stop, Waits)
    assert inference._stop.seconds[:7] == [
        *inference_module.BACK_OFF,
        inference_module.BACK_OFF[-1],
        inference_module.BACK_OFF[-1],
    ]


def test_a_detector_that_dies_after_each_result_is_restarted_less_and_less_often(
    stages: Callable[..., InferenceStage],
) -> None:
    make = Makes(*[dies_at(timestamp) for timestamp in range(2, 6)], SimulatedDetector)
    inference = stages(make)
    window = window_of(1, 2, 3, 4, 5, 6)
    inference.attach(window)

    assert drain(window) == [""] * 6
    assert isinstance(inference._stop, Waits)
    assert inference._stop.seconds[:4] == list(inference_module.BACK_OFF[:4])


def test_a_detector_that_never_starts_is_given_up_after_the_failures_allowed(
    stages: Callable[..., InferenceStage],
) -> None:
    make = Makes(ModelError("the model is damaged"))
    inference = stages(make, max_failures=3)
    window = window_of(1, 2)
    inference.attach(window)

    veils = drain(window)

    assert all(veils)
    assert isinstance(inference.failure, ModelError)
    assert make.calls == 3


def test_only_failures_in_a_row_are_limited(stages: Callable[..., InferenceStage]) -> None:
    make = Makes(*[dies_at(timestamp) for timestamp in range(2, 6)], SimulatedDetector)
    inference = stages(make, max_failures=3)
    window = window_of(1, 2, 3, 4, 5, 6)
    inference.attach(window)

    assert drain(window) == [""] * 6
    assert inference.failure is None


def test_a_frame_that_kills_every_detector_is_given_up(
    stages: Callable[..., InferenceStage],
) -> None:
    inference = stages(Makes(dies_at(3)), max_failures=3)
    window = window_of(1, 2, 3, 4)
    inference.attach(window)

    assert drain(window)[2]
    assert str(inference.failure) == "it died"


def test_a_frame_does_not_leave_while_the_detector_reads_it(
    stages: Callable[..., InferenceStage],
) -> None:
    window = window_of(live=True)
    seen: list[object] = []

    def look(picture: Picture, timestamp: int) -> Reaction:
        assert isinstance(window._clock, FakeClock)
        window._clock.advance(60)
        seen.append(window.take_ready())
        return Reaction(np.empty((0, 5), np.float32))

    detector = SimulatedDetector(look)
    inference = stages(Makes(lambda: detector))
    inference.attach(window)
    window.put(frame_at(1))

    assert detector.wait_until_submitted(1)
    assert len(drain(window)) == 1
    assert seen == [None]
