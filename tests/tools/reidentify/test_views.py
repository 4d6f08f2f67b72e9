import numpy as np
import pytest

pytest.importorskip("cv2", reason="OpenCV is not installed (make test-tools installs it)")
pytest.importorskip("sklearn", reason="scikit-learn is not installed (make test-tools installs it)")

from tools.reidentify.methods import METHODS
from tools.reidentify.portraits import SIDE, Portrait
from tools.reidentify.views import hide_moving, jitter


@pytest.fixture
def random() -> np.random.Generator:
    return np.random.default_rng(0)


def test_a_box_that_is_misplaced_by_nothing_is_the_true_one(
    random: np.random.Generator,
) -> None:
    assert jitter((10.0, 20.0, 40.0, 60.0), 0.0, random) == (10.0, 20.0, 40.0, 60.0)


def test_the_frames_of_a_moving_face_average_to_one_face(random: np.random.Generator) -> None:
    landmarks = np.array([[110, 110], [140, 110], [125, 128], [113, 145], [137, 145]], np.float32)
    portrait = Portrait(
        "A",
        random.integers(0, 256, (SIDE, SIDE, 3), np.uint8),
        (95.0, 85.0, 155.0, 165.0),
        landmarks,
    )
    clear = np.ones((1, 4), np.float32)
    shown = hide_moving([portrait], [7], clear, METHODS["solid"].make(), random, (1, 3))
    assert {count: hidden.faces.shape for count, hidden in shown.items()} == {
        1: (1, 112, 112, 3),
        3: (1, 112, 112, 3),
    }
    assert shown[3].people.tolist() == [7]
    assert not shown[1].changes.any()
    assert shown[3].changes.shape == shown[1].changes.shape
    assert shown[3].changes.any()
