import numpy as np
import pytest

pytest.importorskip("cv2", reason="OpenCV is not installed (make test-tools installs it)")
pytest.importorskip("sklearn", reason="scikit-learn is not installed (make test-tools installs it)")

from anoncam.config.schema import AnonymizerSettings
from tools.reidentify.methods import make_anonymizing
from tools.reidentify.squares import number_squares

WIDTH, HEIGHT = 250, 200


def test_squares_are_those_that_the_anonymizer_paints() -> None:
    picture = np.zeros((HEIGHT, WIDTH, 3), np.uint8)
    picture[:] = np.random.default_rng(0).integers(0, 256, (HEIGHT, WIDTH, 1))
    hide = make_anonymizing(AnonymizerSettings(fill="mean"))
    hidden, shown = hide(picture, (-20.0, 60.0, 50.0, 150.0), "track 1")
    squares = number_squares(shown, AnonymizerSettings().rows, WIDTH, HEIGHT)
    assert len(np.unique(squares)) > 5 * 3
    for number in np.unique(squares)[1:]:
        assert np.ptp(hidden[squares == number], axis=0).max() == 0
    # Grey goes through I420 and back with little rounding.
    assert np.abs(hidden[squares == 0].astype(int) - picture[squares == 0]).max() <= 3


def test_what_hides_a_face_in_another_way_has_no_squares() -> None:
    assert not number_squares((10.0, 10.0, 60.0, 60.0), 0, WIDTH, HEIGHT).any()
    assert not number_squares((400.0, 10.0, 460.0, 60.0), 5, WIDTH, HEIGHT).any()
