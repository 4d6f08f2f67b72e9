import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support import fakes
from tests.support.window_bench import FACE, NO_FACE, Bench, config_with


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
    bench = Bench(live=False, config=config_with(rate, max_gap))
    timestamps = [sum(steps[: number + 1]) * 1_000_000 for number in range(len(steps))]
    taken_in = 0

    def capture() -> bool:
        nonlocal taken_in
        if taken_in == len(timestamps):
            bench.window.end()
            return False
        if taken_in - len(bench.left) == room:
            bench.window.pool_ran_empty()
            return False
        bench.put(timestamps[taken_in], cut=taken_in in cuts)
        taken_in += 1
        return True

    actions = [
        capture,
        lambda: bench.submit() is not None and len(bench.submitted) < 3,
        bench.add_result,
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
            bench.window.pool_ran_empty()
        if not waiting or inside >= room - 1:
            while bench.take():
                pass
            bench.submit()
            if bench.submitted:
                bench.add_result(detections=FACE if bench.submitted[0] in faces else NO_FACE)


def test_a_file_keeps_its_whole_look_ahead_when_the_pool_is_always_empty() -> None:
    timestamps = fakes.evenly(90, 30)
    bench = Bench(live=False)

    _run_file(bench, timestamps, 23, set(timestamps[60:70]))

    covered = [number for number, (_, coverage) in enumerate(bench.left) if coverage.boxes]
    found = min(number for number in range(60, 70) if timestamps[number] in dict(bench.results))
    assert covered[0] == found - 15


def test_a_cut_that_comes_before_the_results_ends_no_back_fill_before_it() -> None:
    timestamps = fakes.evenly(60, 30)
    bench = Bench(live=False, config=config_with(rate=0.0))

    _run_file(bench, timestamps, 23, set(timestamps[30:]), cuts=(timestamps[40],))

    covered = [number for number, (_, coverage) in enumerate(bench.left) if coverage.boxes]
    assert covered[0] == 15


def test_a_face_after_a_cut_is_not_back_filled_across_it() -> None:
    timestamps = fakes.evenly(60, 30)
    bench = Bench(live=False, config=config_with(rate=0.0))

    _run_file(bench, timestamps, 23, set(timestamps[41:]), cuts=(timestamps[40],))

    covered = [number for number, (_, coverage) in enumerate(bench.left) if coverage.boxes]
    assert covered[0] == 40


def test_each_of_two_cuts_in_the_window_counts() -> None:
    timestamps = fakes.evenly(60, 30)
    bench = Bench(live=False, config=config_with(rate=0.0))

    _run_file(bench, timestamps, 23, set(timestamps[33:36]), cuts=(timestamps[30], timestamps[36]))

    covered = [number for number, (_, coverage) in enumerate(bench.left) if coverage.boxes]
    assert covered[0] == 30


def test_both_sides_of_a_cut_are_inferred() -> None:
    bench = Bench(live=False, config=config_with(rate=1.0, max_gap=2.0))
    timestamps = fakes.evenly(40, 30)
    for number, timestamp in enumerate(timestamps):
        bench.put(timestamp, cut=number == 11)
    bench.window.end()

    bench.finish()

    assert [timestamps.index(timestamp) for timestamp, _ in bench.results] == [0, 10, 11, 39]


def test_both_sides_of_a_pause_are_inferred() -> None:
    bench = Bench(live=False)
    timestamps = fakes.evenly(7, 30) + fakes.evenly(7, 30, start=4.0)
    bench.put(*timestamps)
    bench.window.end()

    bench.finish()

    assert [timestamps.index(timestamp) for timestamp, _ in bench.results] == [0, 4, 6, 7, 11, 13]


def test_frames_of_a_file_are_inferred_at_the_full_rate_while_a_face_is_new() -> None:
    bench = Bench(live=False, config=config_with(15))
    timestamps = fakes.evenly(61, 30)

    _run_file(bench, timestamps, 40, set(timestamps[20:]))

    inferred = [timestamps.index(timestamp) for timestamp, _ in bench.results]
    assert inferred[:6] == [0, 4, 8, 12, 16, 20], "calm until the face appears"
    assert inferred[6:9] == [22, 24, 28], "then often, until the face is known"
    assert set(np.diff(inferred[8:-1]).tolist()) == {4}, "and calm again"


def test_the_next_frame_of_a_file_waits_for_the_result_that_decides_which_one_it_is() -> None:
    bench = Bench(live=False)
    bench.put(*fakes.evenly(30, 30))

    assert bench.submit() == 0
    assert bench.submit() is None
    bench.add_result(detections=FACE)
    assert bench.submit() is not None


@pytest.mark.parametrize(
    ("rate", "max_gap", "every"),
    [(10, 0.5, 5), (0, 0.5, 1), (1, 0.5, 15), (2, 0.5, 15), (15, 0.0, 1)],
)
def test_frames_of_a_file_without_faces_are_inferred_evenly_and_as_often_as_max_gap_needs(
    rate: float, max_gap: float, every: int
) -> None:
    bench = Bench(live=False, config=config_with(rate, max_gap))
    timestamps = fakes.evenly(91, 30)
    bench.put(*timestamps)
    bench.window.end()

    bench.finish()

    assert [timestamp for timestamp, _ in bench.results] == timestamps[::every]
    assert not any(coverage.veil for _, coverage in bench.left)


@pytest.mark.parametrize("count", [1, 2, 3])
@pytest.mark.parametrize("rate", [1.0, 30.0])
def test_the_shortest_files_are_inferred_at_both_ends(count: int, rate: float) -> None:
    bench = Bench(live=False)
    timestamps = fakes.evenly(count, rate)
    bench.put(*timestamps)
    bench.window.end()

    bench.finish()

    inferred = [timestamp for timestamp, _ in bench.results]
    assert {timestamps[0], timestamps[-1]} <= set(inferred)
    assert [coverage.veil for _, coverage in bench.left] == [""] * count


def test_every_frame_is_inferred_where_there_is_one_a_second() -> None:
    bench = Bench(live=False)
    timestamps = fakes.evenly(9, 1)
    bench.put(*timestamps)
    bench.window.end()

    bench.finish()

    assert [timestamp for timestamp, _ in bench.results] == timestamps


def test_an_empty_pool_lets_one_frame_leave_early_and_no_more() -> None:
    bench = Bench(live=False, config=config_with(rate=0.0))
    bench.put(*fakes.evenly(6, 30))
    for _ in range(5):
        bench.submit()
        bench.add_result()
    assert not bench.take()
    bench.window.pool_ran_empty()

    assert bench.take()
    assert not bench.take()


def test_an_empty_pool_does_not_have_every_frame_inferred() -> None:
    bench = Bench(live=False)
    timestamps = fakes.evenly(600, 240)

    _run_file(bench, timestamps, 40, set())

    assert len(bench.results) < 600 / 240 * 15 * 2
    assert not any(coverage.veil for _, coverage in bench.left)
