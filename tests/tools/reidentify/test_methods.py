import numpy as np
import pytest

pytest.importorskip("cv2", reason="OpenCV is not installed (make test-tools installs it)")
pytest.importorskip("sklearn", reason="scikit-learn is not installed (make test-tools installs it)")

from tools.reidentify.methods import CLEAR, METHODS
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
    hidden = METHODS[name].make()(picture, (100.0, 90.0, 160.0, 170.0), "track 1")
    changed = np.abs(hidden.astype(int) - picture).mean(axis=2)
    if name == CLEAR:
        assert not changed.any()
        return
    assert changed[95:165, 105:155].mean() > 20
    far = np.ones((SIDE, SIDE), bool)
    far[70:190, 75:185] = False
    assert changed[far].max() <= 3
