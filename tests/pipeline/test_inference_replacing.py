import threading
from collections.abc import Callable

import pytest

from anoncam.detectors.detector import Detector, DetectorInfo
from anoncam.detectors.simulated import Reaction, SimulatedDetector
from anoncam.errors import DetectorError
from anoncam.pipeline import inference as inference_module
from anoncam.pipeline.counters import Counters
from anoncam.pipeline.inference import InferenceStage
from tests.support.inference import SOON, Makes, drain, frame_at, window_of


def test_a_detector_does_not_replace_another_one_than_it_was_made_for(
    stages: Callable[..., InferenceStage],
) -> None:
    first, second = Makes(SimulatedDetector), Makes(SimulatedDetector)
    inference = stages(first)
    inference.up.wait(SOON)
    inference.replace(second, None)
    late = SimulatedDetector()
    inference.replace(first, late, instead_of=first)
    assert late.closed
    assert inference.make is second


def test_another_detector_takes_over_without_losing_a_frame(
    stages: Callable[..., InferenceStage],
) -> None:
    make = Makes(SimulatedDetector)
    inference = stages(make)
    inference.up.wait(SOON)
    window = window_of(1, 2, 3)
    inference.attach(window)
    assert make.made[0].wait_until_submitted(2)
    ready = SimulatedDetector(
        info=DetectorInfo("other", "", (1, 1), "cpu", "it was asked for", "none")
    )
    inference.replace(make, ready)
    window.put(frame_at(4))
    window.put(frame_at(5))

    assert ready.wait_until_submitted(1)
    assert drain(window) == [""] * 5
    assert make.made[0].closed
    assert make.made[0].submitted + ready.submitted == [1, 2, 3, 4, 5]
    assert inference.info is not None
    assert inference.info.model == "other"


def test_another_detector_that_is_not_ready_is_started_in_place_of_the_first(
    stages: Callable[..., InferenceStage],
) -> None:
    first, second = Makes(SimulatedDetector), Makes(SimulatedDetector)
    inference = stages(first)
    inference.up.wait(SOON)
    inference.replace(second, None)
    second.wait_for(1)

    assert first.made[0].closed
    assert first.calls == 1


def test_a_detector_that_was_never_used_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    may_start = threading.Event()

    def slow() -> Detector:
        assert may_start.wait(SOON)
        return SimulatedDetector()

    inference = InferenceStage(slow, counters=Counters())
    monkeypatch.setattr(inference_module, "_JOIN_TIMEOUT", 0.01)
    inference.start()
    superseded, pending, late = SimulatedDetector(), SimulatedDetector(), SimulatedDetector()
    inference.replace(SimulatedDetector, superseded)
    inference.replace(SimulatedDetector, pending)
    assert superseded.closed
    assert not pending.closed
    inference.close()
    assert pending.closed
    inference.replace(SimulatedDetector, late)
    assert late.closed
    may_start.set()
    inference._thread.join(SOON)


def test_results_under_way_still_go_to_the_window_of_their_frames(
    stages: Callable[..., InferenceStage],
) -> None:
    make = Makes(SimulatedDetector)
    inference = stages(make)
    inference.up.wait(SOON)
    detector = make.made[0]
    detector.pause()
    old, new = window_of(1, live=True), window_of(7, live=True)
    inference.attach(old)
    assert detector.wait_until_submitted(1)
    inference.attach(new)
    detector.resume()
    assert detector.wait_until_submitted(2)

    assert drain(new) == [""]
    assert detector.collected == [1, 7]
    assert len(drain(old)) == 1


def test_nothing_more_is_submitted_of_a_window_that_another_one_replaces(
    stages: Callable[..., InferenceStage],
) -> None:
    make = Makes(SimulatedDetector)
    inference = stages(make)
    inference.up.wait(SOON)
    detector = make.made[0]
    detector.pause()
    old = window_of(1, 2, 3, 4, 5, 6)
    inference.attach(old)
    assert detector.wait_until_submitted(1)
    new = window_of(11)
    inference.attach(new)
    detector.resume()

    assert drain(new) == [""]
    assert detector.submitted == [1, 11]
    assert len(drain(old)) == 6


def test_a_window_attached_after_the_end_is_abandoned(
    stages: Callable[..., InferenceStage],
) -> None:
    inference = stages(Makes(DetectorError("no")), max_failures=1)
    first = window_of(1)
    inference.attach(first)
    assert all(drain(first))
    second = window_of(1, 2)
    inference.attach(second)

    assert len(drain(second)) == 2


def test_closing_abandons_a_window_that_waits_for_results(
    stages: Callable[..., InferenceStage],
) -> None:
    make = Makes(
        lambda: SimulatedDetector(
            lambda _picture, _timestamp: Reaction(silent=True), result_timeout=1000
        )
    )
    inference = stages(make)
    window = window_of(1, 2, 3)
    inference.attach(window)
    make.wait_for(1)
    assert make.made[0].wait_until_submitted(1)
    inference.close()
    inference.close()

    assert all(drain(window))
    assert make.made[0].closed


def test_closing_does_not_wait_for_a_detector_that_starts_but_it_is_ended_later(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(inference_module, "_JOIN_TIMEOUT", 0.01)
    may_start, starting = threading.Event(), threading.Event()
    late = SimulatedDetector()

    def slow() -> Detector:
        starting.set()
        assert may_start.wait(SOON)
        return late

    inference = InferenceStage(slow, counters=Counters())
    inference.start()
    assert starting.wait(SOON)
    window = window_of(1)
    inference.attach(window)
    inference.close()
    assert all(drain(window))
    assert not late.closed
    may_start.set()
    inference._thread.join(SOON)

    assert late.closed


def test_a_stage_that_never_began_can_be_closed() -> None:
    InferenceStage(SimulatedDetector, counters=Counters()).close()
