import logging
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np
import pytest

from anoncam.clock import Stop
from anoncam.config.schema import Config
from anoncam.detectors.detector import DetectionResult, Detector, DetectorInfo
from anoncam.detectors.simulated import INFO, Reaction, SimulatedDetector
from anoncam.errors import CoralError, DetectorError, ModelError
from anoncam.events.event import Event
from anoncam.frames.frame import Frame, Picture, tight
from anoncam.pipeline import inference as inference_module
from anoncam.pipeline.counters import Counters
from anoncam.pipeline.inference import InferenceStage
from anoncam.pipeline.window import NO_RESULT, Window
from tests.support.events import EventLog
from tests.support.frames import FakeClock, blank

SOON = 30.0


class Waits(Stop):
    """A stop that is waited for without waiting, and remembers for how long."""

    def __init__(self) -> None:
        super().__init__()
        self.seconds: list[float] = []

    def wait(self, seconds: float) -> bool:
        self.seconds.append(seconds)
        return self.requested


class Makes:
    """Makes detectors: from each of `makers` once, then from the last one again and again."""

    def __init__(self, *makers: Callable[[], Detector] | Exception) -> None:
        self._makers = makers
        self.made: list[SimulatedDetector] = []
        self.calls = 0
        self._changed = threading.Condition()

    def __call__(self) -> Detector:
        with self._changed:
            maker = self._makers[min(self.calls, len(self._makers) - 1)]
            self.calls += 1
            self._changed.notify_all()
        if isinstance(maker, Exception):
            raise maker
        detector = maker()
        assert isinstance(detector, SimulatedDetector)
        self.made.append(detector)
        return detector

    def wait_for(self, calls: int) -> None:
        with self._changed:
            assert self._changed.wait_for(lambda: self.calls >= calls, SOON)


@pytest.fixture
def stages() -> Iterator[Callable[..., InferenceStage]]:
    made: list[InferenceStage] = []

    def make(maker: Callable[[], Detector], *, max_failures: int | None = None) -> InferenceStage:
        inference = InferenceStage(maker, counters=Counters(), max_failures=max_failures)
        inference._stop = Waits()
        made.append(inference)
        inference.start()
        return inference

    yield make
    for inference in made:
        inference.close()


def _frame(timestamp: int) -> Frame:
    frame = blank(tight(64, 48))
    frame.timestamp = timestamp
    return frame


def _window(*timestamps: int, live: bool = False, max_gap: float = 0.5) -> Window:
    config = Config.model_validate({"detector": {"rate": 0, "max_gap": max_gap}})
    window = Window(config, live=live, clock=FakeClock())
    for timestamp in timestamps:
        window.put(_frame(timestamp))
    return window


def _drain(window: Window) -> list[str]:
    """End it; the veils of its frames."""
    window.end()
    veils = []
    while (ready := window.next_ready()) is not None:
        veils.append(ready[1].veil)
    return veils


def _dies_at(moment: int, error: str = "it died") -> Callable[[], SimulatedDetector]:
    return lambda: SimulatedDetector(
        lambda _, timestamp: Reaction(error=error if timestamp == moment else "")
    )


def test_frames_are_examined_in_their_order_and_counted(
    stages: Callable[..., InferenceStage],
) -> None:
    make = Makes(SimulatedDetector)
    inference = stages(make)
    window = _window(1, 2, 3)
    inference.attach(window)

    assert _drain(window) == ["", "", ""]
    assert make.made[0].asked == make.made[0].answered == [1, 2, 3]
    assert inference._counters.inferred == 3


def test_the_detector_is_up_before_the_first_frame(
    stages: Callable[..., InferenceStage], event_log: EventLog
) -> None:
    inference = stages(Makes(SimulatedDetector))

    assert inference.up.wait(SOON)
    assert inference.info == INFO
    (up,) = event_log.wait_for(Event.DETECTOR_UP)
    assert up["model"] == "simulated"


def test_a_coral_that_was_tried_in_vain_is_told_beside_the_detector_that_is_up(
    stages: Callable[..., InferenceStage], event_log: EventLog
) -> None:
    info = DetectorInfo("simulated", "", (0, 0), "cpu", "no Coral", "none", "no Coral is connected")
    stages(Makes(lambda: SimulatedDetector(info=info)))

    event_log.wait_for(Event.CORAL_UNUSABLE)
    assert len(event_log.of(Event.DETECTOR_UP)) == 1


def test_a_coral_that_takes_over_again_is_told_once_and_a_processor_that_was_asked_for_is_none(
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


def test_a_detector_is_not_replaced_in_the_name_of_one_that_another_has_superseded(
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


def test_one_trouble_is_one_event_and_its_end_another(
    stages: Callable[..., InferenceStage], event_log: EventLog
) -> None:
    failure = DetectorError("it does not start")
    make = Makes(
        _dies_at(2, "the detector process was killed by SIGSEGV"),
        failure,
        failure,
        failure,
        SimulatedDetector,
    )
    inference = stages(make)
    window = _window(1, 2, 3)
    inference.attach(window)

    assert _drain(window) == ["", "", ""]
    event_log.wait_for(Event.DETECTOR_BACK)
    (dead,) = event_log.of(Event.DETECTOR_DEAD)
    assert dead["reason"] == "the detector process was killed by SIGSEGV"
    assert len(event_log.of(Event.DETECTOR_BACK)) == 1
    assert len(event_log.of(Event.DETECTOR_UP)) == 1
    assert make.made[0].closed
    assert make.made[1].asked[0] == 2


def test_a_coral_that_cannot_be_used_is_its_own_event(
    stages: Callable[..., InferenceStage], event_log: EventLog
) -> None:
    make = Makes(CoralError("no Coral is connected"), SimulatedDetector)
    inference = stages(make)
    window = _window(1)
    inference.attach(window)

    assert _drain(window) == [""]
    event_log.wait_for(Event.DETECTOR_BACK)
    assert len(event_log.of(Event.CORAL_UNUSABLE)) == 1
    assert not event_log.of(Event.DETECTOR_DEAD)


def test_it_is_tried_again_after_longer_and_longer_pauses(
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


def test_a_detector_that_dies_after_each_answer_is_restarted_ever_less_often(
    stages: Callable[..., InferenceStage],
) -> None:
    make = Makes(*[_dies_at(moment) for moment in range(2, 6)], SimulatedDetector)
    inference = stages(make)
    window = _window(1, 2, 3, 4, 5, 6)
    inference.attach(window)

    assert _drain(window) == [""] * 6
    assert isinstance(inference._stop, Waits)
    assert inference._stop.seconds[:4] == list(inference_module.BACK_OFF[:4])


def test_the_veil_says_what_is_wrong_with_the_detector(
    stages: Callable[..., InferenceStage],
) -> None:
    make = Makes(ModelError("the model is damaged"))
    inference = stages(make)
    before = _window(1, live=True)
    inference.attach(before)
    make.wait_for(3)
    after = _window(1, live=True)
    inference.attach(after)

    assert before.veil_reason == after.veil_reason == "the model is damaged"


def test_the_veil_says_again_that_an_answer_is_missing_once_the_detector_is_back(
    stages: Callable[..., InferenceStage],
) -> None:
    inference = stages(Makes(DetectorError("no"), SimulatedDetector))
    window = _window(1)
    inference.attach(window)

    assert _drain(window) == [""]
    assert window.veil_reason == NO_RESULT


def test_a_fault_of_no_known_kind_is_survived_and_logged_with_its_traceback(
    stages: Callable[..., InferenceStage], event_log: EventLog, caplog: pytest.LogCaptureFixture
) -> None:
    class Broken(SimulatedDetector):
        def collect(self, timeout: float) -> None:
            raise ZeroDivisionError

        def close(self) -> None:
            raise OSError("it cannot even be closed")

    inference = stages(Makes(Broken, SimulatedDetector))
    window = _window(1)
    with caplog.at_level(logging.ERROR):
        inference.attach(window)
        assert _drain(window) == [""]

    event_log.wait_for(Event.DETECTOR_BACK)
    assert event_log.of(Event.DETECTOR_DEAD)[0]["reason"] == "ZeroDivisionError"
    assert "ZeroDivisionError" in caplog.text
    assert "could not be ended" in caplog.text


def test_patience_for_a_detector_that_never_starts_ends_in_its_failure(
    stages: Callable[..., InferenceStage],
) -> None:
    make = Makes(ModelError("the model is damaged"))
    inference = stages(make, max_failures=3)
    window = _window(1, 2)
    inference.attach(window)

    veils = _drain(window)

    assert all(veils)
    assert isinstance(inference.failure, ModelError)
    assert make.calls == 3


def test_patience_counts_failures_in_a_row(stages: Callable[..., InferenceStage]) -> None:
    make = Makes(*[_dies_at(moment) for moment in range(2, 6)], SimulatedDetector)
    inference = stages(make, max_failures=3)
    window = _window(1, 2, 3, 4, 5, 6)
    inference.attach(window)

    assert _drain(window) == [""] * 6
    assert inference.failure is None


def test_a_frame_that_kills_every_detector_ends_the_patience(
    stages: Callable[..., InferenceStage],
) -> None:
    inference = stages(Makes(_dies_at(3)), max_failures=3)
    window = _window(1, 2, 3, 4)
    inference.attach(window)

    assert _drain(window)[2]
    assert str(inference.failure) == "it died"


def test_a_window_that_comes_after_the_end_is_let_go_of(
    stages: Callable[..., InferenceStage],
) -> None:
    inference = stages(Makes(DetectorError("no")), max_failures=1)
    first = _window(1)
    inference.attach(first)
    assert all(_drain(first))
    second = _window(1, 2)
    inference.attach(second)

    assert len(_drain(second)) == 2


def test_closing_lets_go_of_a_window_that_waits_for_answers(
    stages: Callable[..., InferenceStage],
) -> None:
    make = Makes(
        lambda: SimulatedDetector(
            lambda _picture, _timestamp: Reaction(silent=True), result_timeout=1000
        )
    )
    inference = stages(make)
    window = _window(1, 2, 3)
    inference.attach(window)
    make.wait_for(1)
    assert make.made[0].wait_until_asked(2)
    inference.close()
    inference.close()

    assert all(_drain(window))
    assert make.made[0].closed


def test_closing_while_a_detector_starts_does_not_wait_for_it_and_it_is_ended_all_the_same(
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
    window = _window(1)
    inference.attach(window)
    inference.close()
    assert all(_drain(window))
    assert not late.closed
    may_start.set()
    inference._thread.join(SOON)

    assert late.closed


def test_closing_one_that_never_began_is_nothing() -> None:
    InferenceStage(SimulatedDetector, counters=Counters()).close()


def test_answers_under_way_still_go_to_the_window_that_asked(
    stages: Callable[..., InferenceStage],
) -> None:
    make = Makes(SimulatedDetector)
    inference = stages(make)
    inference.up.wait(SOON)
    detector = make.made[0]
    detector.hold()
    old, new = _window(1, live=True), _window(7, live=True)
    inference.attach(old)
    assert detector.wait_until_asked(1)
    inference.attach(new)
    detector.let_go()
    assert detector.wait_until_asked(2)

    assert _drain(new) == [""]
    assert detector.answered == [1, 7]
    assert len(_drain(old)) == 1


def test_a_window_that_another_takes_over_from_is_asked_nothing_more(
    stages: Callable[..., InferenceStage],
) -> None:
    make = Makes(SimulatedDetector)
    inference = stages(make)
    inference.up.wait(SOON)
    detector = make.made[0]
    detector.hold()
    old = _window(1, 2, 3, 4, 5, 6)
    inference.attach(old)
    assert detector.wait_until_asked(2)
    new = _window(11)
    inference.attach(new)
    detector.let_go()

    assert _drain(new) == [""]
    assert detector.asked == [1, 2, 11]
    assert len(_drain(old)) == 6


def test_another_detector_takes_over_without_a_frame_lost(
    stages: Callable[..., InferenceStage],
) -> None:
    make = Makes(SimulatedDetector)
    inference = stages(make)
    inference.up.wait(SOON)
    window = _window(1, 2, 3)
    inference.attach(window)
    assert make.made[0].wait_until_asked(2)
    ready = SimulatedDetector(
        info=DetectorInfo("other", "", (1, 1), "cpu", "it was asked for", "none")
    )
    inference.replace(make, ready)
    window.put(_frame(4))
    window.put(_frame(5))

    assert ready.wait_until_asked(1)
    assert _drain(window) == [""] * 5
    assert make.made[0].closed
    assert make.made[0].asked + ready.asked == [1, 2, 3, 4, 5]
    assert inference.info is not None
    assert inference.info.model == "other"


def test_another_detector_that_is_not_ready_is_started_in_the_place_of_the_first(
    stages: Callable[..., InferenceStage],
) -> None:
    first, second = Makes(SimulatedDetector), Makes(SimulatedDetector)
    inference = stages(first)
    inference.up.wait(SOON)
    inference.replace(second, None)
    second.wait_for(1)

    assert first.made[0].closed
    assert first.calls == 1


def test_a_detector_that_was_never_put_to_use_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
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


def _slow(*seconds: float) -> Callable[[], SimulatedDetector]:
    """A detector whose answers take as long as they say, the last one again and again."""

    class Slow(SimulatedDetector):
        def collect(self, timeout: float) -> DetectionResult | None:
            answer = super().collect(timeout)
            latency = seconds[min(len(self.answered), len(seconds)) - 1]
            return None if answer is None else replace(answer, latency=latency)

    return Slow


def test_a_late_detector_is_told_once_and_so_is_its_return(
    stages: Callable[..., InferenceStage], event_log: EventLog
) -> None:
    make = Makes(_slow(0.1, 0.9, 0.9, 0.9, 0.1))
    inference = stages(make)
    inference.up.wait(SOON)
    window = _window(1, live=True)
    inference.attach(window)
    for number in range(1, 7):
        assert make.made[0].wait_until_asked(number)
        window.put(_frame(1_000_000_000 * number))
    window.end()
    event_log.wait_for(Event.DETECTOR_BACK)

    assert [fields["seconds"] for fields in event_log.of(Event.DETECTOR_LATE)] == [0.9]
    assert len(event_log.of(Event.DETECTOR_BACK)) == 1


def test_a_silent_detector_is_told_to_be_dead_and_not_to_be_late_before(
    stages: Callable[..., InferenceStage], event_log: EventLog
) -> None:
    def silent() -> SimulatedDetector:
        return SimulatedDetector(
            lambda _picture, _timestamp: Reaction(silent=True), result_timeout=0.1
        )

    inference = stages(Makes(silent, SimulatedDetector))
    window = _window(1, live=True, max_gap=0.01)
    inference.attach(window)
    event_log.wait_for(Event.DETECTOR_DEAD)
    while not event_log.of(Event.DETECTOR_BACK):
        window.put(_frame(window._waiting.frames[-1].timestamp + 1_000_000_000))
        threading.Event().wait(0.01)

    assert not event_log.of(Event.DETECTOR_LATE)


def test_a_detector_of_a_file_is_never_late(
    stages: Callable[..., InferenceStage], event_log: EventLog
) -> None:
    make = Makes(SimulatedDetector)
    inference = stages(make)
    window = _window(1, 2, 3, max_gap=0.0)
    inference.attach(window)

    assert _drain(window) == ["", "", ""]
    assert not event_log.of(Event.DETECTOR_LATE)


def test_a_frame_is_not_let_go_of_while_the_detector_reads_it(
    stages: Callable[..., InferenceStage],
) -> None:
    window = _window(live=True)
    seen: list[object] = []

    def look(picture: Picture, timestamp: int) -> Reaction:
        assert isinstance(window._clock, FakeClock)
        window._clock.advance(60)
        seen.append(window.take_ready())
        return Reaction(np.empty((0, 5), np.float32))

    detector = SimulatedDetector(look)
    inference = stages(Makes(lambda: detector))
    inference.attach(window)
    window.put(_frame(1))

    assert detector.wait_until_asked(1)
    assert len(_drain(window)) == 1
    assert seen == [None]
