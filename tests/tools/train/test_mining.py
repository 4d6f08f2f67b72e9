from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

torch = pytest.importorskip("torch", reason="torch is not installed (extra: tools)")

from anoncam.detectors.detector import Detections  # noqa: E402
from tools.dataset.dataset import LabelledPicture  # noqa: E402
from tools.network.yunet import YuNet  # noqa: E402
from tools.train.hard_negatives import HardNegatives, save  # noqa: E402
from tools.train.mining import mine_once, sort_out  # noqa: E402

FACE = (60, 30, 40, 50)
AWAY = (200, 100, 60, 60)


@pytest.fixture
def labelled(tmp_path: Path) -> LabelledPicture:
    Image.new("RGB", (320, 200), (90, 90, 90)).save(tmp_path / "picture.png")
    return LabelledPicture(tmp_path / "picture.png", 320, 200, np.array([FACE], np.float32))


def found(*rows: tuple[float, ...]) -> Detections:
    return np.array(rows, np.float32).reshape(-1, 5)


def nothing(_picture: NDArray[np.uint8]) -> Detections:
    return found()


def in_the_middle(score: float) -> Detections:
    third = 256 / 3
    return found((third, third, third, third, score))


def test_what_lies_away_from_all_labels_is_a_hard_negative(labelled: LabelledPicture) -> None:
    mined = sort_out(labelled, found((*AWAY, 0.5)), nothing)
    np.testing.assert_array_equal(mined.certain, [(200, 100, 260, 160)])
    assert not len(mined.doubtful)


@pytest.mark.parametrize("box", [FACE, (70, 40, 20, 20), (95, 40, 40, 40), (104, 40, 40, 40)])
def test_what_is_on_a_label_or_near_it_is_neither_certain_nor_doubtful(
    labelled: LabelledPicture, box: tuple[float, ...]
) -> None:
    mined = sort_out(labelled, found((*box, 0.9)), nothing)
    assert (len(mined.certain), len(mined.doubtful)) == (0, 0)


def test_a_low_score_is_no_mistake(labelled: LabelledPicture) -> None:
    mined = sort_out(labelled, found((*AWAY, 0.1)), nothing)
    assert (len(mined.certain), len(mined.doubtful)) == (0, 0)


def test_what_is_surely_found_in_a_close_look_may_be_a_face_without_a_label(
    labelled: LabelledPicture,
) -> None:
    sure = sort_out(labelled, found((*AWAY, 0.5)), lambda _picture: in_the_middle(0.9))
    unsure = sort_out(labelled, found((*AWAY, 0.5)), lambda _picture: in_the_middle(0.5))
    assert (len(sure.certain), len(sure.doubtful)) == (0, 1)
    assert (len(unsure.certain), len(unsure.doubtful)) == (1, 0)


def test_what_else_a_close_look_finds_beside_it_does_not_count(labelled: LabelledPicture) -> None:
    mined = sort_out(labelled, found((*AWAY, 0.5)), lambda _picture: found((0, 0, 60, 60, 0.9)))
    assert len(mined.certain) == 1


def test_a_low_detection_may_be_a_face_too_small_for_a_label(labelled: LabelledPicture) -> None:
    mined = sort_out(labelled, found((200, 100, 9, 10, 0.5)), nothing)
    assert (len(mined.certain), len(mined.doubtful)) == (0, 1)


def test_a_close_look_at_the_edge_of_a_picture_is_filled_up_with_black(
    labelled: LabelledPicture,
) -> None:
    looks: list[NDArray[np.uint8]] = []

    def look(picture: NDArray[np.uint8]) -> Detections:
        looks.append(picture)
        return found()

    sort_out(labelled, found((270, 150, 50, 50, 0.5)), look)
    (seen,) = looks
    assert seen.shape == (256, 256, 3)
    assert (seen[-20:, -20:] == 0).all()
    assert (seen[100:150, 100:150] == 90).all()


def test_of_a_picture_full_of_mistakes_the_worst_are_taken(labelled: LabelledPicture) -> None:
    rows = [(200 + number / 10, 100, 60, 60, 0.3 + number / 1000) for number in range(300)]
    mined = sort_out(labelled, found(*rows), nothing)
    assert len(mined.certain) == 100
    assert mined.certain[:, 0].min() > 219


def test_pictures_are_searched_once(labelled: LabelledPicture, tmp_path: Path) -> None:
    file = tmp_path / "hard-negatives.json"
    kept = HardNegatives(np.array([[1.0, 2, 3, 4]]), np.zeros((0, 4)))
    first = mine_once(YuNet().eval(), [labelled], file)
    assert set(first) == {labelled.path}
    save({labelled.path: kept}, file)
    again = mine_once(YuNet().eval(), [labelled], file)
    np.testing.assert_array_equal(again[labelled.path].certain, kept.certain)
    assert again[labelled.path].doubtful.shape == (0, 4)
