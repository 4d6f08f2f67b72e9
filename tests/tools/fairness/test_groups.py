import pytest

pytest.importorskip("scipy", reason="scipy is not installed (it comes with scikit-image)")

from tools.dataset.attributes import Attributes
from tools.fairness.groups import Group, groups, worst_to_best
from tools.fairness.measurement import Outcome
from tools.fairness.tables import group_table


def faces(skin: str, height: float, count: int, missed: int) -> list[Outcome]:
    return [
        Outcome(height, Attributes(skin=skin), number < missed, leaks=False)
        for number in range(count)
    ]


def of(found: list[Group], value: str) -> Group:
    return next(each for each in found if each.value == value)


def test_a_group_has_the_exact_interval_of_its_rate() -> None:
    # Clopper and Pearson's interval for 10 of 100.
    missed = of(groups(faces("I", 40, 100, 10)), "I").missed
    assert (missed.count, missed.total) == (10, 100)
    assert (missed.low, missed.high) == pytest.approx((0.0490, 0.1762), abs=1e-4)


def test_groups_that_differ_in_size_alone_are_equal_at_equal_size() -> None:
    small_and_large = faces("I", 25, 400, 40) + faces("I", 90, 100, 0)
    large_and_small = faces("VI", 25, 100, 10) + faces("VI", 90, 400, 0)
    found = groups(small_and_large + large_and_small)
    first, last = of(found, "I").missed, of(found, "VI").missed
    assert first.count / first.total == pytest.approx(0.08)
    assert last.count / last.total == pytest.approx(0.02)
    assert first.matched == last.matched == pytest.approx(0.05)
    assert worst_to_best(found, "skin") == pytest.approx(1)


def test_groups_that_differ_in_how_they_are_shown_alone_are_equal_where_they_are_clear() -> None:
    hidden = Attributes(skin="VI", occlusion="heavy")
    outcomes = faces("I", 40, 200, 4) + faces("VI", 40, 100, 2)
    outcomes += [Outcome(40, hidden, number < 20, leaks=False) for number in range(100)]
    found = groups(outcomes)
    assert worst_to_best(found, "skin") == pytest.approx(5.5)
    first, last = of(found, "I").clear_missed, of(found, "VI").clear_missed
    assert first and last
    assert (last.count, last.total) == (2, 100)
    assert first.matched == last.matched == pytest.approx(0.02)
    assert of(found, "heavy").clear_missed is None


def test_the_ratio_is_that_of_the_worst_group_to_the_best_without_the_smallest_groups() -> None:
    outcomes = faces("I", 40, 200, 4) + faces("V", 40, 200, 10) + faces("VI", 40, 20, 10)
    found = groups(outcomes)
    assert worst_to_best(found, "skin") == pytest.approx(2.5)
    assert worst_to_best(found, "age") is None


def test_what_is_not_known_of_a_face_is_no_group() -> None:
    assert [each.attribute for each in groups(faces("I", 40, 5, 1))] == ["skin"]


def test_a_table_has_a_row_for_each_group_and_ratio() -> None:
    table = group_table(groups(faces("I", 40, 200, 4) + faces("VI", 40, 200, 10)))
    assert table[2].startswith("| skin I | 200 | 2.0% (")
    assert table[-1] == "| skin, worst to best | | | 2.50 | | | |"
