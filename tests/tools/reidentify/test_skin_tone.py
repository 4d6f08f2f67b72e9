import numpy as np
import pytest

pytest.importorskip("cv2", reason="OpenCV is not installed (make test-tools installs it)")
pytest.importorskip("sklearn", reason="scikit-learn is not installed (make test-tools installs it)")

from tools.reidentify.methods import CONTROL, DEFAULT, METHODS, TONE
from tools.reidentify.portraits import SIDE, Portrait
from tools.reidentify.skin_tone_areas import Faces, compare, guess, read_features

LANDMARKS = np.array([[110, 110], [140, 110], [125, 128], [113, 145], [137, 145]], np.float32)


def make_faces(count: int) -> Faces:
    """Dark and light faces before anything; two of each picture."""
    random = np.random.default_rng(0)
    portraits = []
    for number in range(count):
        picture = random.integers(0, 256, (SIDE, SIDE, 3), np.uint8)
        picture[:] = picture // 4 + random.integers(0, 190, 3).astype(np.uint8)
        picture[90:160, 98:152] = random.integers(0, 40, (70, 54, 3)) + (40 if number % 2 else 160)
        portraits.append(Portrait(str(number), picture, (98.0, 90.0, 152.0, 160.0), LANDMARKS))
    numbers = np.arange(count)
    return Faces(portraits, numbers // 2, numbers % 2 == 1)


def test_a_box_that_shows_the_tone_of_the_face_is_caught_and_the_default_is_not() -> None:
    faces = make_faces(80)
    guesses = {
        name: guess(read_features(faces, METHODS[name]), faces) for name in (TONE, DEFAULT, CONTROL)
    }
    areas = compare(guesses, faces)
    assert areas[TONE].low > 0.95
    assert areas[TONE].more_low > 0.2
    assert areas[DEFAULT].more_low <= 0 <= areas[DEFAULT].more_high
    assert areas[CONTROL].low <= 0.5 <= areas[CONTROL].high


def test_a_perfect_guess_has_an_area_of_one_and_the_control_exceeds_itself_by_nothing() -> None:
    faces = Faces([], np.arange(40), np.arange(40) % 2 == 1)
    chance = np.random.default_rng(1).random(40)
    areas = compare({"perfect": faces.dark.astype(float), CONTROL: chance}, faces)
    assert (areas["perfect"].area, areas["perfect"].low) == (1, 1)
    assert (areas[CONTROL].more, areas[CONTROL].more_low, areas[CONTROL].more_high) == (0, 0, 0)
    assert areas["perfect"].more == pytest.approx(1 - areas[CONTROL].area)
