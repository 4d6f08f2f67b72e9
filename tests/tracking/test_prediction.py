import pytest

from anoncam.tracking.prediction import predict, predict_back
from anoncam.tracking.track import Observation
from tests.support.tracking import MILLISECOND, PARAMETERS, at


def seen(*places: tuple[int, float]) -> list[Observation]:
    return [Observation(time * MILLISECOND, at(x)) for time, x in places]


@pytest.mark.parametrize(("time", "x"), [(1300, 130), (1500, 150), (1600, 150), (9000, 150)])
def test_a_velocity_is_extrapolated_for_no_longer_than_the_motion_limit(
    time: int, x: float
) -> None:
    observations = seen((820, 82), (1000, 100), (1200, 120))
    assert predict(observations, time * MILLISECOND, PARAMETERS) == pytest.approx(at(x))


@pytest.mark.parametrize(("time", "x"), [(900, 90), (800, 80), (700, 80), (0, 80)])
def test_a_velocity_is_extrapolated_for_no_longer_than_it_was_measured(time: int, x: float) -> None:
    observations = seen((1000, 100), (1200, 120), (1500, 300))
    assert predict_back(observations, time * MILLISECOND, PARAMETERS) == pytest.approx(at(x))


def test_a_velocity_is_measured_within_the_motion_window() -> None:
    observations = seen((500, 0), (1000, 100), (1100, 110), (1200, 120))
    assert predict(observations, 1300 * MILLISECOND, PARAMETERS) == pytest.approx(at(130))


def test_the_velocity_of_a_fast_face_is_the_nearest_one() -> None:
    """It stops within the window: it came as fast as it was first."""
    observations = seen((1000, 100), (1030, 140), (1060, 160), (1100, 161), (1300, 162))
    assert predict_back(observations, 970 * MILLISECOND, PARAMETERS) == pytest.approx(at(60))
    leaving = seen((700, 98), (900, 99), (940, 100), (970, 120), (1000, 160))
    assert predict(leaving, 1030 * MILLISECOND, PARAMETERS) == pytest.approx(at(200))


def test_one_observation_has_no_velocity() -> None:
    assert predict(seen((1000, 100)), 1200 * MILLISECOND, PARAMETERS) == at(100)
