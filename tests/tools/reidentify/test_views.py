from functools import partial

import numpy as np
import pytest

pytest.importorskip("cv2", reason="OpenCV is not installed (make test-tools installs it)")
pytest.importorskip("sklearn", reason="scikit-learn is not installed (make test-tools installs it)")

import cv2

from anoncam.anonymizer.anonymizer import Anonymizer
from tools.reidentify import methods
from tools.reidentify.methods import CLEAR, CONTROL, DEFAULT, MEAN, METHODS
from tools.reidentify.portraits import SIDE, Portrait
from tools.reidentify.situation import Hidden
from tools.reidentify.views import hide_moving, jitter

LANDMARKS = np.array([[110, 110], [140, 110], [125, 128], [113, 145], [137, 145]], np.float32)


@pytest.fixture
def random() -> np.random.Generator:
    return np.random.default_rng(0)


def test_a_box_that_is_misplaced_by_nothing_is_the_true_one(
    random: np.random.Generator,
) -> None:
    assert jitter((10.0, 20.0, 40.0, 60.0), 0.0, random) == (10.0, 20.0, 40.0, 60.0)


def test_the_frames_of_a_moving_face_average_to_one_face(random: np.random.Generator) -> None:
    portrait = Portrait(
        "A",
        random.integers(0, 256, (SIDE, SIDE, 3), np.uint8),
        (95.0, 85.0, 155.0, 165.0),
        LANDMARKS,
    )
    clear = np.ones((1, 4), np.float32)
    shown = hide_moving([portrait], [7], clear, METHODS["solid"], random, (1, 3))
    assert {count: hidden.faces.shape for count, hidden in shown.items()} == {
        1: (1, 112, 112, 3),
        3: (1, 112, 112, 3),
    }
    assert shown[3].people.tolist() == [7]
    assert not shown[1].changes.any()
    assert shown[3].changes.shape == shown[1].changes.shape
    assert shown[3].changes.any()


def face_before(background: int, face: int) -> Portrait:
    """A face with details of its own before a background."""
    picture = np.random.default_rng(background).integers(0, 256, (SIDE, SIDE, 3), np.uint8)
    noise = np.random.default_rng(face).normal(0, 1, (70, 50, 3))
    details = cv2.GaussianBlur(noise, (0, 0), 6)
    picture[90:160, 100:150] = (128 + 40 * details / details.std()).clip(0, 255)
    return Portrait("A", picture, (95.0, 85.0, 155.0, 165.0), LANDMARKS)


def film(face: int, name: str, counts: tuple[int, ...]) -> dict[int, Hidden]:
    clear = np.ones((1, 4), np.float32)
    random = np.random.default_rng(0)
    return hide_moving([face_before(0, face)], [7], clear, METHODS[name], random, counts)


def test_many_frames_of_a_mosaic_are_super_resolved_to_more_of_the_face_than_one_shows() -> None:
    shown, true = film(1, MEAN, (1, 30)), film(1, CLEAR, (30,))[30]
    inside = np.s_[0, 45:66, 47:64]
    likeness = [
        np.corrcoef(each[inside].ravel(), true.around[inside].ravel())[0, 1]
        for each in (shown[1].resolved, shown[30].around, shown[30].resolved)
    ]
    assert likeness[2] > max(likeness[:2]) + 0.05


@pytest.mark.parametrize("name", [DEFAULT, "solid", CONTROL])
def test_no_number_of_frames_shows_an_attacker_anything_of_the_face(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(methods, "Anonymizer", partial(Anonymizer, secret=b"secret"))
    one, other = (film(face, name, (30,))[30] for face in (1, 2))
    for field in ("faces", "around", "resolved", "geometry", "changes"):
        assert np.array_equal(getattr(one, field), getattr(other, field)), field
    assert not np.array_equal(film(1, MEAN, (2,))[2].faces, film(2, MEAN, (2,))[2].faces)
