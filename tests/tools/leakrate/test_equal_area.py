import pytest

from tools.leakrate.choice import Outcome
from tools.leakrate.equal_area import KEEPS, DetectorComparison, Point, detector_table, fit


def straight(keep: float) -> Point:
    """A detector that covers less, and leaks more, by the same with each step of its threshold."""
    return Point(
        "new",
        0.85,
        keep,
        {"walk": Outcome(keep / 2, 0.2 - keep / 4), "cut": Outcome(0.0, 0.1 - keep / 4)},
    )


@pytest.mark.parametrize("near", [0.0, 0.34, 0.9])
@pytest.mark.parametrize("keep", [0.33, KEEPS[1], KEEPS[-2] + 0.001])
def test_thresholds_are_fitted_to_an_area_as_the_mean_over_the_kinds(
    keep: float, near: float
) -> None:
    fitted = fit(straight, 0.15 - keep / 4, near)
    assert fitted.keep == pytest.approx(keep)
    assert fitted.mean.falsely_covered == pytest.approx(0.15 - keep / 4)
    assert fitted.kinds["walk"].leaked == pytest.approx(keep / 2)
    assert fitted.kinds["cut"].falsely_covered == pytest.approx(0.1 - keep / 4)


@pytest.mark.parametrize("near", [0.0, 0.34, 0.9])
@pytest.mark.parametrize(("area", "keep"), [(0.9, KEEPS[0]), (-0.1, KEEPS[-1])])
def test_where_no_threshold_covers_as_much_the_nearest_is_shown_with_its_own_area(
    area: float, keep: float, near: float
) -> None:
    assert fit(straight, area, near) == straight(keep)


def test_few_thresholds_are_measured_near_a_good_guess_and_none_twice() -> None:
    asked: list[float] = []

    def measure(keep: float) -> Point:
        asked.append(keep)
        return straight(keep)

    fit(measure, straight(0.35).mean.falsely_covered, 0.36)
    assert sorted(asked) == [0.34, 0.38]


def test_a_detector_that_covers_less_at_the_same_thresholds_gets_lower_ones() -> None:
    def careful(keep: float) -> Point:
        point = straight(keep)
        less = {
            kind: Outcome(o.leaked, o.falsely_covered - 0.01) for kind, o in point.kinds.items()
        }
        return Point("careful", 0.85, keep, less)

    area = straight(0.34).mean.falsely_covered
    fitted = fit(careful, area, 0.34)
    assert fitted.keep == pytest.approx(0.3)
    assert fitted.mean.leaked < fit(straight, area, 0.34).mean.leaked


def test_the_detector_in_force_comes_first_and_then_the_one_that_leaks_least() -> None:
    in_force = Point("auto", 0.85, 0.34, {"walk": Outcome(0.04, 0.1), "cut": Outcome(0.02, 0.1)})
    worse = Point("worse", 0.95, 0.3456, {"walk": Outcome(0.05, 0.1), "cut": Outcome(0.02, 0.1)})
    better = Point("better", 0.75, 0.4, {"walk": Outcome(0.01, 0.12), "cut": Outcome(0.02, 0.08)})
    table = detector_table(DetectorComparison(in_force, [worse, better], {"walk": 1200, "cut": 30}))
    assert table[0] == "| detector, start / keep | mean | walk (1,200 faces) | cut (30 faces) |"
    assert [row.split(" | ")[0] for row in table[2:]] == [
        "| in force: auto, 0.85 / 0.34",
        "| better, 0.75 / 0.4",
        "| worse, 0.95 / 0.346",
    ]
    assert table[3].endswith("| 1.50% / 10.00% | 1.00% / 12.00% | 2.00% / 8.00% |")
