from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anoncam.clock import NANOSECONDS
from anoncam.config.schema import Config
from anoncam.detectors.detector import DetectionResult, Detections
from anoncam.frames.frame import Frame, tight
from anoncam.motion.scene_cuts import Scene
from anoncam.pipeline.live_schedule import DRAIN
from anoncam.pipeline.window import CROWDED, INCOMPLETE, NO_RESULT, Window
from anoncam.tracking.coverage import Coverage
from anoncam.tracking.parameters import Parameters
from tests.support import fakes
from tests.support.frames import FakeClock, blank

FORMAT = tight(64, 48)
NO_FACE: Detections = np.empty((0, 5), np.float32)
FACE: Detections = np.array([[10, 10, 20, 20, 0.9]], np.float32)


def _config(
    rate: float = 15.0, max_gap: float = 0.5, look_ahead: float = 0.5, persistence: float = 1.0
) -> Config:
    return Config.model_validate(
        {
            "detector": {"rate": rate, "max_gap": max_gap},
            "coverage": {"look_ahead": look_ahead, "persistence": persistence},
        }
    )


def _frame(timestamp: int) -> Frame:
    frame = blank(FORMAT)
    frame.timestamp = timestamp
    return frame


class Bench:
    """A window with everything around it done by hand, in one thread."""

    def __init__(self, *, live: bool, config: Config | None = None) -> None:
        self.clock = FakeClock()
        self.window = Window(config or _config(), live=live, clock=self.clock)
        self.reading: Frame | None = None
        self.asked: list[int] = []
        self.answers: list[tuple[int, bool]] = []
        self.left: list[tuple[int, Coverage]] = []

    def put(self, *timestamps: int, cut: bool = False) -> None:
        for timestamp in timestamps:
            self.window.put(_frame(timestamp), scene=Scene(begins=cut))

    def ask(self) -> int | None:
        """Let the detector read the next due frame."""
        self.read()
        return self.send()

    def read(self) -> None:
        if self.reading is None:
            self.reading = self.window.next_to_infer(0)

    def send(self) -> int | None:
        frame, self.reading = self.reading, None
        if frame is None:
            return None
        self.window.submitted(frame)
        self.asked.append(frame.timestamp)
        return frame.timestamp

    def answer(self, *, detections: Detections = NO_FACE, complete: bool = True) -> bool:
        if not self.asked:
            return False
        timestamp = self.asked.pop(0)
        self.window.add_result(DetectionResult(timestamp, detections, complete, 0.01))
        self.answers.append((timestamp, complete))
        return True

    def fail(self) -> None:
        self.reading, self.asked = None, []
        self.window.withdraw()

    def take(self) -> bool:
        ready = self.window.take_ready()
        if ready is None:
            return False
        self.left.append((ready[0].timestamp, ready[1]))
        return True

    def finish(self) -> None:
        """Do whatever can be done until nothing is left; a window that locks up fails here."""
        for _ in range(10_000):
            if self.window.finished:
                return
            progress = self.ask() is not None
            progress |= self.answer()
            progress |= self.take()
            assert progress or self.window.live, "the window is locked up"
            self.clock.advance(0.01)
        raise AssertionError("the window never ends")

    def is_covered(self, timestamp: int, max_gap: float) -> bool:
        """Invariant 1, told once more: answered itself, or between answers that are near enough to
        each other."""
        moments = sorted({moment for moment, complete in self.answers if complete})
        return timestamp in moments or any(
            before < timestamp < after and after - before <= round(max_gap * NANOSECONDS)
            for before, after in pairwise(moments)
        )


ACTIONS = st.one_of(
    st.tuples(st.just("put"), st.integers(1, 700)),
    st.tuples(st.just("cut"), st.integers(1, 700)),
    st.tuples(st.just("advance"), st.integers(0, 800)),
    st.tuples(
        st.sampled_from(
            ["read", "send", "ask", "ask", "answer", "answer", "part", "fail", "take", "take"]
        )
    ),
    st.tuples(st.just("starve")),
)


def _act(bench: Bench, action: tuple[object, ...], now: int) -> int:
    match action:
        case ("put" | "cut" as kind, int(step)):
            now += step * 1_000_000
            bench.put(now, cut=kind == "cut" and not bench.window.live)
        case ("advance", int(step)):
            bench.clock.advance(step / 1000)
        case ("starve",):
            if not bench.window.live:
                bench.window.starve()
        case ("part",):
            bench.answer(complete=False)
        case (str(name),):
            getattr(bench, name)()
    return now


@settings(deadline=None, max_examples=300)
@given(
    live=st.booleans(),
    actions=st.lists(ACTIONS, max_size=60),
    max_gap=st.sampled_from([0.0, 0.1, 0.5]),
    look_ahead=st.sampled_from([0.0, 0.3, 0.5]),
    rate=st.sampled_from([0.0, 2.0, 15.0]),
    abandoned=st.booleans(),
)
def test_no_frame_leaves_unveiled_unless_answers_near_enough_cover_its_moment(
    live: bool,
    actions: list[tuple[object, ...]],
    max_gap: float,
    look_ahead: float,
    rate: float,
    abandoned: bool,
) -> None:
    bench = Bench(live=live, config=_config(rate, max_gap, look_ahead))
    now, came = 0, []
    for action in actions:
        before = len(bench.left)
        reading = bench.reading
        was, now = now, _act(bench, action, now)
        came += [now] if now != was else []
        for timestamp, coverage in bench.left[before:]:
            assert bool(coverage.veil) == (not bench.is_covered(timestamp, max_gap))
            assert reading is None or reading.timestamp != timestamp
    bench.send()
    bench.window.end()
    if abandoned:
        bench.window.abandon()
    while not bench.window.finished:
        before = len(bench.left)
        bench.ask()
        bench.answer()
        bench.take()
        for timestamp, coverage in bench.left[before:]:
            assert bool(coverage.veil) == (not bench.is_covered(timestamp, max_gap))
        bench.clock.advance(0.1)

    assert [timestamp for timestamp, _ in bench.left] == came


@settings(deadline=None, max_examples=200)
@given(
    steps=st.lists(st.integers(1, 700), min_size=1, max_size=80),
    room=st.integers(2, 12),
    choices=st.lists(st.integers(0, 5), max_size=400),
    cuts=st.sets(st.integers(0, 79)),
    rate=st.sampled_from([0.0, 0.5, 2.0, 15.0]),
    max_gap=st.sampled_from([0.0, 0.1, 0.5]),
    failures=st.sets(st.integers(0, 399), max_size=10),
)
def test_nothing_of_a_file_is_veiled_and_no_pool_locks_up_whatever_is_slow(
    steps: list[int],
    room: int,
    choices: list[int],
    cuts: set[int],
    rate: float,
    max_gap: float,
    failures: set[int],
) -> None:
    bench = Bench(live=False, config=_config(rate, max_gap))
    timestamps = [sum(steps[: number + 1]) * 1_000_000 for number in range(len(steps))]
    taken_in = 0

    def capture() -> bool:
        nonlocal taken_in
        if taken_in == len(timestamps):
            bench.window.end()
            return False
        if taken_in - len(bench.left) == room:
            bench.window.starve()
            return False
        bench.put(timestamps[taken_in], cut=taken_in in cuts)
        taken_in += 1
        return True

    actions = [
        capture,
        lambda: bench.ask() is not None and len(bench.asked) < 3,
        bench.answer,
        bench.take,
    ]
    for number, choice in enumerate(choices):
        if number in failures:
            bench.fail()
        actions[choice % len(actions)]()
    while not bench.window.finished:
        # Each in its turn, however many of them can do something.
        progress = [action() for action in actions]
        assert any(progress) or bench.window.finished, "the window is locked up"

    assert [timestamp for timestamp, _ in bench.left] == timestamps
    assert [coverage.veil for _, coverage in bench.left] == [""] * len(timestamps)


def _run_file(
    bench: Bench, timestamps: list[int], room: int, faces: set[int], cuts: tuple[int, ...] = ()
) -> None:
    """Capture is fast, the detector slow: the pool is always empty."""
    waiting = list(timestamps)
    while not bench.window.finished:
        inside = len(timestamps) - len(waiting) - len(bench.left)
        if waiting and inside < room:
            bench.put(waiting[0], cut=waiting.pop(0) in cuts)
        elif not waiting:
            bench.window.end()
        else:
            bench.window.starve()
        if not waiting or inside >= room - 1:
            while bench.take():
                pass
            bench.ask()
            if bench.asked:
                bench.answer(detections=FACE if bench.asked[0] in faces else NO_FACE)


def test_the_look_ahead_of_a_file_is_whole_though_its_pool_is_always_empty() -> None:
    timestamps = fakes.evenly(90, 30)
    bench = Bench(live=False)

    _run_file(bench, timestamps, 23, set(timestamps[60:62]))

    covered = [number for number, (_, coverage) in enumerate(bench.left) if coverage.boxes]
    found = min(number for number in (60, 61) if timestamps[number] in dict(bench.answers))
    assert covered[0] == found - 15


def test_a_cut_that_is_taken_in_before_the_answers_ends_no_reach_before_it() -> None:
    timestamps = fakes.evenly(60, 30)
    bench = Bench(live=False, config=_config(rate=0.0))

    _run_file(bench, timestamps, 23, set(timestamps[30:]), cuts=(timestamps[40],))

    covered = [number for number, (_, coverage) in enumerate(bench.left) if coverage.boxes]
    assert covered[0] == 15


def test_a_face_after_a_cut_does_not_reach_back_over_it() -> None:
    timestamps = fakes.evenly(60, 30)
    bench = Bench(live=False, config=_config(rate=0.0))

    _run_file(bench, timestamps, 23, set(timestamps[41:]), cuts=(timestamps[40],))

    covered = [number for number, (_, coverage) in enumerate(bench.left) if coverage.boxes]
    assert covered[0] == 40


def test_each_of_two_cuts_in_the_window_counts() -> None:
    timestamps = fakes.evenly(60, 30)
    bench = Bench(live=False, config=_config(rate=0.0))

    _run_file(bench, timestamps, 23, set(timestamps[33:36]), cuts=(timestamps[30], timestamps[36]))

    covered = [number for number, (_, coverage) in enumerate(bench.left) if coverage.boxes]
    assert covered[0] == 30


def test_both_sides_of_a_cut_are_examined() -> None:
    bench = Bench(live=False, config=_config(rate=1.0, max_gap=2.0))
    timestamps = fakes.evenly(40, 30)
    for number, timestamp in enumerate(timestamps):
        bench.put(timestamp, cut=number == 11)
    bench.window.end()

    bench.finish()

    assert [timestamps.index(moment) for moment, _ in bench.answers] == [0, 10, 11, 39]


def test_both_sides_of_a_gap_are_examined() -> None:
    bench = Bench(live=False)
    timestamps = fakes.evenly(7, 30) + fakes.evenly(7, 30, start=4.0)
    bench.put(*timestamps)
    bench.window.end()

    bench.finish()

    assert [timestamps.index(moment) for moment, _ in bench.answers] == [0, 2, 4, 6, 7, 9, 11, 13]


@pytest.mark.parametrize(
    ("rate", "max_gap", "every"),
    [(15, 0.5, 2), (0, 0.5, 1), (1, 0.5, 15), (2, 0.5, 15), (15, 0.0, 1)],
)
def test_a_file_is_examined_evenly_at_the_rate_or_as_often_as_max_gap_needs(
    rate: float, max_gap: float, every: int
) -> None:
    bench = Bench(live=False, config=_config(rate, max_gap))
    timestamps = fakes.evenly(91, 30)
    bench.put(*timestamps)
    bench.window.end()

    bench.finish()

    assert [moment for moment, _ in bench.answers] == timestamps[::every]
    assert not any(coverage.veil for _, coverage in bench.left)


@pytest.mark.parametrize("count", [1, 2, 3])
@pytest.mark.parametrize("rate", [1.0, 30.0])
def test_the_shortest_files_are_examined_at_both_ends(count: int, rate: float) -> None:
    bench = Bench(live=False)
    timestamps = fakes.evenly(count, rate)
    bench.put(*timestamps)
    bench.window.end()

    bench.finish()

    examined = [moment for moment, _ in bench.answers]
    assert {timestamps[0], timestamps[-1]} <= set(examined)
    assert [coverage.veil for _, coverage in bench.left] == [""] * count


def test_every_frame_of_one_a_second_is_examined() -> None:
    bench = Bench(live=False)
    timestamps = fakes.evenly(9, 1)
    bench.put(*timestamps)
    bench.window.end()

    bench.finish()

    assert [moment for moment, _ in bench.answers] == timestamps


def test_an_empty_pool_takes_one_frame_before_its_time_and_no_more() -> None:
    bench = Bench(live=False, config=_config(rate=0.0))
    bench.put(*fakes.evenly(6, 30))
    for _ in range(5):
        bench.ask()
        bench.answer()
    assert not bench.take()
    bench.window.starve()

    assert bench.take()
    assert not bench.take()


def test_an_empty_pool_does_not_have_every_frame_examined() -> None:
    bench = Bench(live=False)
    timestamps = fakes.evenly(600, 240)

    _run_file(bench, timestamps, 40, set())

    assert len(bench.answers) < 600 / 240 * 15 * 2
    assert not any(coverage.veil for _, coverage in bench.left)


def test_a_live_frame_leaves_at_its_deadline_veiled_when_no_answer_covers_it() -> None:
    bench = Bench(live=True)
    bench.put(0)
    bench.clock.advance(0.49)
    assert not bench.take()
    bench.clock.advance(0.02)

    assert bench.take()
    assert bench.left[0][1].veil == NO_RESULT


def test_a_live_frame_between_answers_is_covered_by_what_both_say() -> None:
    bench = Bench(live=True)
    bench.put(0)
    bench.ask()
    bench.answer(detections=FACE)
    bench.put(40_000_000, 80_000_000)
    assert bench.ask() == 80_000_000
    bench.answer(detections=FACE)
    bench.clock.advance(0.6)
    while bench.take():
        pass

    assert [bool(coverage.veil) for _, coverage in bench.left] == [False, False, False]
    assert [len(coverage.boxes) for _, coverage in bench.left] == [1, 1, 1]


def test_an_answer_that_comes_after_the_deadline_still_helps_the_frames_behind() -> None:
    bench = Bench(live=True)
    bench.put(0)
    bench.ask()
    bench.clock.advance(0.3)
    bench.put(300_000_000)
    bench.clock.advance(0.3)
    assert bench.take()
    bench.answer(detections=FACE)
    assert bench.ask() == 300_000_000
    bench.answer()
    bench.clock.advance(0.3)
    assert bench.take()

    assert [bool(coverage.veil) for _, coverage in bench.left] == [True, False]
    assert len(bench.left[1][1].boxes) == 1


def test_a_live_window_asks_about_the_newest_frame_at_the_rate() -> None:
    bench = Bench(live=True, config=_config(rate=10.0))
    moments = []
    for timestamp in fakes.evenly(31, 30):
        bench.put(timestamp)
        moments.append(bench.ask())
        bench.answer()

    asked = [moment for moment in moments if moment is not None]
    assert asked == fakes.evenly(31, 30)[::3]


@pytest.mark.parametrize("live", [True, False])
def test_a_frame_that_the_detector_reads_does_not_leave(live: bool) -> None:
    bench = Bench(live=live)
    bench.put(0)
    bench.read()
    bench.window.end()
    bench.window.abandon()
    bench.clock.advance(60)

    assert not bench.take()
    bench.send()
    assert bench.take()
    assert bench.left[0][1].veil


@pytest.mark.parametrize("live", [True, False])
def test_a_frame_whose_reading_failed_may_leave(live: bool) -> None:
    bench = Bench(live=live)
    bench.put(0)
    bench.read()
    bench.fail()
    bench.window.abandon()

    assert bench.take()


@pytest.mark.parametrize("live", [True, False])
def test_what_a_detector_that_failed_was_asked_is_asked_again(live: bool) -> None:
    bench = Bench(live=live)
    timestamps = fakes.evenly(9, 30)
    bench.put(timestamps[0])
    bench.ask()
    bench.answer()
    bench.put(*timestamps[1:])
    asked = bench.ask()
    bench.fail()

    assert bench.ask() == asked is not None


def test_an_abandoned_window_asks_nothing_and_lets_go_of_what_comes() -> None:
    bench = Bench(live=False)
    bench.put(0)
    bench.window.abandon()
    bench.put(1)

    assert bench.ask() is None
    assert bench.take()
    assert bench.take()
    assert all(coverage.veil for _, coverage in bench.left)


def test_a_live_window_that_ends_waits_for_its_last_answers_no_longer_than_it_may() -> None:
    bench = Bench(live=True, config=_config(look_ahead=5.0))
    bench.put(0, 10_000_000)
    bench.ask()
    bench.window.end()
    bench.clock.advance(DRAIN - 0.01)
    assert not bench.take()
    bench.clock.advance(0.02)

    assert bench.take()
    assert bench.take()
    assert bench.window.finished


def test_a_live_window_that_ends_lets_go_as_soon_as_all_is_answered() -> None:
    bench = Bench(live=True, config=_config(look_ahead=5.0))
    bench.put(0)
    bench.ask()
    bench.answer()
    bench.put(10_000_000)
    bench.window.end()
    assert not bench.take()
    assert bench.ask() == 10_000_000
    bench.answer()

    assert bench.take()
    assert bench.take()
    assert not any(coverage.veil for _, coverage in bench.left)


def test_an_answer_that_is_not_complete_covers_faces_but_no_moment() -> None:
    bench = Bench(live=True)
    bench.put(0)
    bench.ask()
    bench.answer(detections=FACE, complete=False)
    bench.clock.advance(0.6)
    bench.take()

    assert bench.left[0][1].veil
    assert len(bench.left[0][1].boxes) == 1


def test_other_settings_take_effect_from_the_next_answer_on() -> None:
    bench = Bench(live=True)
    bench.put(0)
    bench.ask()
    bench.answer()
    bench.window.configure(_config(max_gap=0.1))
    bench.put(50_000_000, 200_000_000)
    bench.ask()
    bench.answer()
    bench.clock.advance(0.6)
    while bench.take():
        pass

    assert [bool(coverage.veil) for _, coverage in bench.left] == [False, True, False]


def _noise(count: int) -> Detections:
    """Detections side by side, as grain gives them."""
    places = np.arange(count, dtype=np.float32)
    boxes = (
        places % 40 * 20,
        places // 40 * 20,
        np.full(count, 15),
        np.full(count, 15),
        np.full(count, 0.9),
    )
    return np.stack(boxes, axis=1).astype(np.float32)


def test_a_moment_with_more_detections_than_faces_is_veiled_as_far_as_a_face_in_it_would_be_covered() -> (
    None
):
    bench = Bench(live=True)
    moments = [number * 100_000_000 for number in range(40)]
    for number, moment in enumerate(moments):
        bench.put(moment)
        bench.ask()
        bench.answer(detections=_noise(Parameters.max_detections + 1) if number == 15 else NO_FACE)
        bench.clock.advance(0.1)
        while bench.take():
            pass
    bench.window.end()
    bench.finish()

    veils = {timestamp: coverage.veil for timestamp, coverage in bench.left}
    # Half a second of look-ahead, of which the first frame has left when the answer comes; a second
    # of hold.
    spoiled = moments[11:26]
    assert [moment for moment in moments if veils[moment]] == spoiled
    assert {veils[moment] for moment in spoiled} == {CROWDED}


def test_the_last_frame_before_a_camera_stalls_is_examined_though_the_rate_does_not_ask_for_it() -> (
    None
):
    bench = Bench(live=True, config=_config(rate=10))
    bench.put(0)
    assert bench.ask() == 0
    bench.answer()
    bench.put(50_000_000)
    assert bench.ask() is None
    bench.clock.advance(0.11)
    assert bench.ask() == 50_000_000
    bench.answer()
    bench.clock.advance(0.5)
    while bench.take():
        pass

    assert [coverage.veil for _, coverage in bench.left] == ["", ""]


def test_a_full_output_is_the_reason_of_its_veil() -> None:
    bench = Bench(live=True)
    bench.put(0)
    bench.ask()
    bench.answer(complete=False)
    bench.clock.advance(0.6)
    bench.take()

    assert bench.left[0][1].veil == INCOMPLETE
