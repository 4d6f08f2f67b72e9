import numpy as np
import pytest

pytest.importorskip("cv2", reason="OpenCV is not installed (make test-tools installs it)")
pytest.importorskip("sklearn", reason="scikit-learn is not installed (make test-tools installs it)")

from tools.reidentify import recogniser
from tools.reidentify.recogniser import align


@pytest.fixture
def random() -> np.random.Generator:
    return np.random.default_rng(0)


def test_a_picture_with_landmarks_in_their_places_is_not_changed(
    random: np.random.Generator,
) -> None:
    picture = random.integers(0, 256, (112, 112, 3), np.uint8)
    difference = align(picture, recogniser._TEMPLATE.copy()).astype(int) - picture
    assert np.abs(difference).mean() < 1


def test_a_face_at_half_the_scale_shows_its_surroundings(random: np.random.Generator) -> None:
    picture = random.integers(0, 256, (224, 224, 1), np.uint8).repeat(3, axis=2)
    picture[56:168, 56:168] = 255
    wide = align(picture, recogniser._TEMPLATE + 56, zoom=0.5)
    assert (wide[30:82, 30:82] == 255).all()
    assert wide[:24].mean() < 160
