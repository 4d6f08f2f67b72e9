import numpy as np
import pytest

pytest.importorskip("cv2", reason="OpenCV is not installed (make test-tools installs it)")
pytest.importorskip("sklearn", reason="scikit-learn is not installed (make test-tools installs it)")

from itertools import combinations

from tools.reidentify.identification_rate import difference, rate, rate_among


@pytest.fixture
def random() -> np.random.Generator:
    return np.random.default_rng(0)


def test_more_rounds_do_not_narrow_the_interval() -> None:
    once = ~np.eye(50, dtype=bool)[None].repeat(2, axis=0)[None]
    once[0, 0, :10] = False
    assert rate(np.repeat(once, 5, axis=0)) == rate(once)
    assert (rate(once).rate, rate(once).chance) == (0.1, 0.02)
    # Clopper and Pearson's interval for 10 of 100.
    assert (rate(once).low, rate(once).high) == pytest.approx((0.0490, 0.1762), abs=1e-4)


def test_the_rate_in_smaller_galleries_is_that_of_all_that_can_be_drawn(
    random: np.random.Generator,
) -> None:
    closer = random.random((2, 2, 7, 7)) < 0.3
    closer[..., np.arange(7), np.arange(7)] = False
    drawn = [
        not closer[number, direction, probe, list(others)].any()
        for number, direction, probe in np.ndindex(2, 2, 7)
        for others in combinations(set(range(7)) - {probe}, 3)
    ]
    assert rate_among(closer, 4).rate == pytest.approx(np.mean(drawn))
    assert rate_among(closer, 4).chance == 0.25


def test_the_interval_of_smaller_galleries_contains_a_guess_in_95_of_100_cases(
    random: np.random.Generator,
) -> None:
    people, within = 40, 0
    for _ in range(200):
        likeness = random.normal(size=(1, 2, people, people))
        own = likeness[..., np.arange(people), np.arange(people)]
        found = rate_among(likeness > own[..., None], 10)
        within += found.low <= 0.1 <= found.high
    assert 180 <= within <= 200


def with_hits(*named: int, people: int = 50) -> np.ndarray:
    """One round, both directions: which probes of the first direction were named."""
    closer = ~np.eye(people, dtype=bool)[None].repeat(2, axis=0)[None]
    closer[0, 0, list(named)] = False
    return closer


def test_the_difference_to_the_control_is_that_of_the_same_trials() -> None:
    method, control = with_hits(*range(10)), with_hits(*range(8, 12))
    found = difference(method, control)
    assert found.difference == pytest.approx((10 - 4) / 100)
    # Eight trials only behind the method, two only behind the control.
    assert found.p == pytest.approx(0.109375)
    assert found.low < 0 < found.difference < found.high
    assert difference(np.repeat(method, 3, axis=0), np.repeat(control, 3, axis=0)) == found


def test_a_method_that_reveals_more_than_the_control_is_told_from_it() -> None:
    found = difference(with_hits(*range(20)), with_hits(0))
    assert found.low > 0
    assert found.p < 0.001


def test_where_both_name_the_same_there_is_no_difference() -> None:
    found = difference(with_hits(1, 2), with_hits(1, 2))
    assert (found.difference, found.p) == (0, 1)
    assert found.low < 0 < found.high
