from hypothesis import given
from hypothesis import strategies as st

from anoncam.clock import NANOSECONDS
from anoncam.tracking.result_times import ResultTimes

MILLISECOND = NANOSECONDS // 1000

gaps = st.lists(st.sampled_from((1, 10, 33, 499, 500, 501, 1000)), max_size=12)


def by_definition(moments: list[int], moment: int, max_gap: int) -> bool:
    return moment in moments or any(
        first < moment < second
        and second - first <= max_gap
        and not any(first < m < second for m in moments)
        for first in moments
        for second in moments
    )


@given(gaps, st.sampled_from((0, 1, 10, 500)), st.integers(0, 3000))
def test_exactly_what_lies_between_answers_close_enough_is_covered(
    given_gaps: list[int], max_gap: int, forgotten: int
) -> None:
    examination, moments = ResultTimes(max_gap / 1000), list[int]()
    for gap in given_gaps:
        moments.append((moments[-1] if moments else 100) + gap)
        examination.add(moments[-1] * MILLISECOND)
    asked = sorted(
        {near for moment in [0, 100, *moments, 6000] for near in (moment - 1, moment, moment + 1)}
    )
    for moment in asked:
        assert examination.covers(moment * MILLISECOND) == by_definition(moments, moment, max_gap)
    examination.forget(forgotten * MILLISECOND)
    for moment in asked:
        if moment >= forgotten:
            assert examination.covers(moment * MILLISECOND) == by_definition(
                moments, moment, max_gap
            )


def test_nothing_is_covered_before_the_first_and_after_the_last_answer() -> None:
    examination = ResultTimes(max_gap=0.5)
    assert not examination.covers(0)
    examination.add(1000)
    assert [examination.covers(moment) for moment in (999, 1000, 1001)] == [False, True, False]


def test_another_gap_counts_at_once() -> None:
    examination = ResultTimes(max_gap=0.5)
    examination.add(0)
    examination.add(NANOSECONDS)
    assert not examination.covers(1)
    examination.configure(max_gap=1)
    assert examination.covers(1)


def test_what_is_spoiled_is_covered_by_no_answer_and_what_lies_around_it_as_before() -> None:
    examination = ResultTimes(max_gap=0.5)
    for moment in (0, 100, 200, 300, 400):
        examination.add(moment)
    examination.invalidate(150, 200)
    examination.invalidate(190, 250)
    examination.invalidate(390, 400)
    moments = (100, 149, 150, 200, 225, 250, 251, 300, 389, 390, 400)
    covered = [True, True, False, False, False, False, True, True, True, False, False]
    assert [examination.covers(moment) for moment in moments] == covered
    assert [examination.is_invalid(moment) for moment in moments] == [not each for each in covered]
    examination.forget(260)
    assert [examination.covers(moment) for moment in (300, 389, 390)] == [True, True, False]
