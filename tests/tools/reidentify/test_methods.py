import numpy as np
import pytest

pytest.importorskip("cv2", reason="OpenCV is not installed (make test-tools installs it)")
pytest.importorskip("sklearn", reason="scikit-learn is not installed (make test-tools installs it)")

from tools.reidentify.methods import (
    ALONE,
    CLEAR,
    CONTROL,
    DEFAULT,
    MEAN,
    METHODS,
    TONE,
    control_of,
)
from tools.reidentify.portraits import SIDE


@pytest.fixture
def random() -> np.random.Generator:
    return np.random.default_rng(0)


@pytest.mark.parametrize("name", list(METHODS))
def test_each_method_changes_the_box_and_no_more_than_it_covers(
    name: str, random: np.random.Generator
) -> None:
    # Grey, because halved chroma would change the colours of single pixels anywhere.
    picture = random.integers(0, 256, (SIDE, SIDE, 1), np.uint8).repeat(3, axis=2)
    hidden = METHODS[name].make()(picture, (100.0, 90.0, 160.0, 170.0), "track 1")[0]
    changed = np.abs(hidden.astype(int) - picture).mean(axis=2)
    if name == CLEAR:
        assert not changed.any()
        return
    assert changed[95:165, 105:155].mean() > 20
    far = np.ones((SIDE, SIDE), bool)
    far[70:190, 75:185] = False
    if name.endswith(ALONE):
        assert (hidden[far] == 128).all()
    else:
        assert changed[far].max() <= 3


BOX = (100.0, 90.0, 160.0, 170.0)


def hidden(name: str, *, face: int) -> np.ndarray:
    """A picture hidden by that method: its background is always the same."""
    picture = np.random.default_rng(0).integers(0, 256, (SIDE, SIDE, 3), np.uint8)
    picture[90:170, 100:160] = np.random.default_rng(1).integers(face, face + 40, (80, 60, 3))
    return METHODS[name].make()(picture, BOX, "track 1")[0]


def test_the_control_shows_nothing_of_the_face_and_the_same_around_it() -> None:
    control = hidden(CONTROL, face=20)
    assert np.array_equal(control, hidden(CONTROL, face=200))
    differs = (control != hidden(DEFAULT, face=20)).any(axis=2)
    assert (control[differs] == 128).all()
    rows, columns = np.nonzero(differs)
    assert rows.min() <= 90
    assert rows.max() >= 169
    assert columns.min() <= 100
    assert columns.max() >= 159


def test_squares_alone_are_those_that_are_seen_before_a_background() -> None:
    alone, beside = hidden(MEAN + ALONE, face=20), hidden(MEAN, face=20)
    covered = (alone != 128).any(axis=2)
    assert covered[90:170, 100:160].all()
    assert np.array_equal(alone[covered], beside[covered])


@pytest.mark.parametrize("name", list(METHODS))
def test_each_method_is_compared_with_the_control_that_shows_the_same_around_it(name: str) -> None:
    assert control_of(name) == (CONTROL + ALONE if ALONE in name else CONTROL)
    assert control_of(name) in METHODS


def test_the_tone_of_the_face_is_seen_where_a_method_shows_it() -> None:
    assert not np.array_equal(hidden(TONE, face=20), hidden(TONE, face=200))


def test_the_attacker_is_given_the_box_that_is_shown() -> None:
    picture = np.zeros((SIDE, SIDE, 3), np.uint8)
    shown = METHODS[CONTROL].make()(picture, BOX, "track 1")[1]
    moved = tuple(edge + 0.1 for edge in BOX)
    assert shown == METHODS[DEFAULT].make()(picture, moved, "track 1")[1]  # type: ignore[arg-type]
