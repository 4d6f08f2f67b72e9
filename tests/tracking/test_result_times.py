from hypothesis import given
from hypothesis import strategies as st

from anoncam.clock import NANOSECONDS
from anoncam.tracking.result_times import ResultTimes

MILLISECOND = NANOSECONDS // 1000

gaps = st.lists(st.sampled_from((1, 10, 33, 499, 500, 501, 1000)), max_size=12)


def by_definition(timestamps: list[int], timestamp: int, max_gap: int) -> bool:
    return timestamp in timestamps or any(
        first < timestamp < second
        and second - first <= max_gap
        and not any(first < m < second for m in timestamps)
        for first in timestamps
        for second in timestamps
    )


@given(gaps, st.sampled_from((0, 1, 10, 500)), st.integers(0, 3000))
def test_exactly_what_lies_between_results_close_enough_is_covered(
    given_gaps: list[int], max_gap: int, forgotten: int
) -> None:
    results, timestamps = ResultTimes(max_gap / 1000), list[int]()
    for gap in given_gaps:
        timestamps.append((timestamps[-1] if timestamps else 100) + gap)
        results.add(timestamps[-1] * MILLISECOND, 0)
    tried = sorted(
        {
            each
            for timestamp in [0, 100, *timestamps, 6000]
            for each in (timestamp - 1, timestamp, timestamp + 1)
        }
    )
    for timestamp in tried:
        assert results.covers(timestamp * MILLISECOND) == by_definition(
            timestamps, timestamp, max_gap
        )
    results.forget(forgotten * MILLISECOND)
    for timestamp in tried:
        if timestamp >= forgotten:
            assert results.covers(timestamp * MILLISECOND) == by_definition(
                timestamps, timestamp, max_gap
            )


def test_nothing_is_covered_before_the_first_and_after_the_last_result() -> None:
    results = ResultTimes(max_gap=0.5)
    assert not results.covers(0)
    results.add(1000, 0)
    assert [results.covers(timestamp) for timestamp in (999, 1000, 1001)] == [False, True, False]


def test_another_max_gap_counts_at_once() -> None:
    results = ResultTimes(max_gap=0.5)
    results.add(0, 0)
    results.add(NANOSECONDS, 1)
    assert not results.covers(1)
    results.configure(max_gap=1)
    assert results.covers(1)


def test_no_result_covers_an_invalidated_span_and_the_rest_is_covered_as_before() -> None:
    results = ResultTimes(max_gap=0.5)
    for timestamp in (0, 100, 200, 300, 400):
        results.add(timestamp, 0)
    results.invalidate(150, 200)
    results.invalidate(190, 250)
    results.invalidate(390, 400)
    timestamps = (100, 149, 150, 200, 225, 250, 251, 300, 389, 390, 400)
    covered = [True, True, False, False, False, False, True, True, True, False, False]
    assert [results.covers(timestamp) for timestamp in timestamps] == covered
    assert [results.is_invalid(timestamp) for timestamp in timestamps] == [
        not each for each in covered
    ]
    results.forget(260)
    assert [results.covers(timestamp) for timestamp in (300, 389, 390)] == [True, True, False]


def test_frames_that_come_all_at_once_after_a_stall_are_not_covered_by_results_around_them() -> (
    None
):
    results = ResultTimes(max_gap=0.5)
    results.see_rate(25)
    results.add(0, 0)
    results.add(2 * NANOSECONDS, 1)
    # Fifty frames come within two milliseconds; only the first and last have results.
    results.add(2 * NANOSECONDS + 2_000_000, 50)
    assert not results.covers(2 * NANOSECONDS + 1_000_000)


def test_a_few_frames_are_covered_however_slow_the_camera_was() -> None:
    results = ResultTimes(max_gap=0.5)
    results.see_rate(2)
    results.add(0, 10)
    results.add(120_000_000, 13)
    assert results.covers(40_000_000)
    results.add(300_000_000, 17)
    assert not results.covers(200_000_000)
