import logging
import threading
from collections.abc import Callable
from dataclasses import replace

import pytest

from anoncam.detectors.detector import DetectionResult, DetectorInfo
from anoncam.detectors.simulated import INFO, Reaction, SimulatedDetector
from anoncam.errors import CoralError, DetectorError, ModelError
from anoncam.events.event import Event
from anoncam.pipeline.inference import InferenceStage
from anoncam.pipeline.window import NO_RESULT
from tests.support.events import EventLog
from tests.support.inference import SOON, Makes, dies_at, drain, frame_at, window_of


def test_a_coral_that_cannot_be_used_is_reported_beside_the_detector_that_is_up(
    stages: Callable[..., InferenceStage], event_log: EventLog
) -> None:
    info = DetectorInfo("simulated", "", (0, 0), "cpu", "no Coral", "none", "no Coral is connected")
    stages(Makes(lambda: SimulatedDetector(info=info)))

    event_log.wait_for(Event.CORAL_UNUSABLE)
    assert len(event_log.of(Event.DETECTOR_UP)) == 1


def test_a_coral_that_takes_over_again_is_reported_once_and_a_wanted_processor_is_not(
    stages: Callable[..., InferenceStage], event_log: EventLog
) -> None:
    def running_on(device: str, problem: str = "") -> SimulatedDetector:
        return SimulatedDetector(info=replace(INFO, device=device, coral_problem=problem))

    make = Makes(lambda: running_on("cpu", "no Coral is connected"))
    inference = stages(make)
    inference.up.wait(SOON)
    for number, detector in enumerate(
        (
            running_on("cpu", "it has failed"),
            running_on("cpu"),
            running_on("cpu", "it is gone"),
            running_on("coral"),
        ),
        2,
    ):
        inference.replace(make, detector)
        event_log.wait_for(Event.DETECTOR_UP, number)
    event_log.wait_for(Event.CORAL_BACK)

    assert len(event_log.of(Event.CORAL_UNUSABLE)) == 2
    assert len(event_log.of(Event.CORAL_BACK)) == 1


def test_several_failures_in_a_row_are_one_event_and_their_end_another(
    stages: Callable[..., InferenceStage], event_log: EventLog
) -> None:
    failure = DetectorError("it does not start")
    make = Makes(
        dies_at(2, "the detector process was killed by SIGSEGV"),
        failure,
        failure,
        failure,
        SimulatedDetector,
    )
    inference = stages(make)
    window = window_of(1, 2, 3)
    inference.attach(window)

    assert drain(window) == ["", "", ""]
    event_log.wait_for(Event.DETECTOR_BACK)
    (dead,) = event_log.of(Event.DETECTOR_DEAD)
    assert dead["reason"] == "the detector process was killed by SIGSEGV"
    assert len(event_log.of(Event.DETECTOR_BACK)) == 1
    assert len(event_log.of(Event.DETECTOR_UP)) == 1
    assert make.made[0].closed
    assert make.made[1].submitted[0] == 2


def test_a_coral_that_cannot_be_used_is_its_own_event(
    stages: Callable[..., InferenceStage], event_log: EventLog
) -> None:
    make = Makes(CoralError("no Coral is connected"), SimulatedDetector)
    inference = stages(make)
    window = window_of(1)
    inference.attach(window)

    assert drain(window) == [""]
    event_log.wait_for(Event.DETECTOR_BACK)
    assert len(event_log.of(Event.CORAL_UNUSABLE)) == 1
    assert not event_log.of(Event.DETECTOR_DEAD)


def test_a_failure_of_the_detector_is_the_reason_of_the_veil(
    stages: Callable[..., InferenceStage],
) -> None:
    make = Makes(ModelError("the model is damaged"))
    inference = stages(make)
    before = window_of(1, live=True)
    inference.attach(before)
    make.wait_for(3)
    after = window_of(1, live=True)
    inference.attach(after)

    assert before.veil_reason == after.veil_reason == "the model is damaged"


def test_a_missing_result_is_the_reason_of_the_veil_once_the_detector_is_back(
    stages: Callable[..., InferenceStage],
) -> None:
    inference = stages(Makes(DetectorError("no"), SimulatedDetector))
    window = window_of(1)
    inference.attach(window)

    assert drain(window) == [""]
    assert window.veil_reason == NO_RESULT


def test_an_unknown_exception_is_survived_and_logged_with_its_traceback(
    stages: Callable[..., InferenceStage], event_log: EventLog, caplog: pytest.LogCaptureFixture
) -> None:
    class Broken(SimulatedDetector):
        def collect(self, timeout: float) -> None:
            raise ZeroDivisionError

        def close(self) -> None:
            raise OSError("it cannot even be closed")

    inference = stages(Makes(Broken, SimulatedDetector))
    window = window_of(1)
    with caplog.at_level(logging.ERROR):
        inference.attach(window)
        assert drain(window) == [""]

    event_log.wait_for(Event.DETECTOR_BACK)
    assert event_log.of(Event.DETECTOR_DEAD)[0]["reason"] == "ZeroDivisionError"
    assert "ZeroDivisionError" in caplog.text
    assert "could not be ended" in caplog.text


def _slow(*seconds: float) -> Callable[[], SimulatedDetector]:
    """A detector whose results report these latencies, the last one again and again."""

    class Slow(SimulatedDetector):
        def collect(self, timeout: float) -> DetectionResult | None:
            answer = super().collect(timeout)
            latency = seconds[min(len(self.collected), len(seconds)) - 1]
            return None if answer is None else replace(answer, latency=latency)

    return Slow


def test_a_late_detector_is_reported_once_and_so_is_its_return(
    stages: Callable[..., InferenceStage], event_log: EventLog
) -> None:
    make = Makes(_slow(0.1, 0.9, 0.9, 0.9, 0.1))
    inference = stages(make)
    inference.up.wait(SOON)
    window = window_of(1, live=True)
    inference.attach(window)
    for number in range(1, 7):
        assert make.made[0].wait_until_submitted(number)
        window.put(frame_at(1_000_000_000 * number))
    window.end()
    event_log.wait_for(Event.DETECTOR_BACK)

    assert [fields["seconds"] for fields in event_log.of(Event.DETECTOR_LATE)] == [0.9]
    assert len(event_log.of(Event.DETECTOR_BACK)) == 1


def test_a_silent_detector_is_reported_as_dead_and_not_as_late(
    stages: Callable[..., InferenceStage], event_log: EventLog
) -> None:
    def silent() -> SimulatedDetector:
        return SimulatedDetector(
            lambda _picture, _timestamp: Reaction(silent=True), result_timeout=0.1
        )

    inference = stages(Makes(silent, SimulatedDetector))
    window = window_of(1, live=True, max_gap=0.01)
    inference.attach(window)
    event_log.wait_for(Event.DETECTOR_DEAD)
    while not event_log.of(Event.DETECTOR_BACK):
        window.put(frame_at(window._waiting.frames[-1].timestamp + 1_000_000_000))
        threading.Event().wait(0.01)

    assert not event_log.of(Event.DETECTOR_LATE)


def test_a_detector_of_a_file_is_never_late(
    stages: Callable[..., InferenceStage], event_log: EventLog
) -> None:
    make = Makes(SimulatedDetector)
    inference = stages(make)
    window = window_of(1, 2, 3, max_gap=0.0)
    inference.attach(window)

    assert drain(window) == ["", "", ""]
    assert not event_log.of(Event.DETECTOR_LATE)
