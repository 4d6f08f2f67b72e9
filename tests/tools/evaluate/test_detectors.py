from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from anoncam.detectors.detector import Detections
from tools.dataset.dataset import LabelledPicture
from tools.evaluate.detectors import PictureDetector


def find_red(picture: NDArray[np.uint8]) -> Detections:
    rows, columns = np.nonzero(picture[..., 0] > 200)
    box = columns.min(), rows.min(), columns.max() + 1, rows.max() + 1
    return np.array([[box[0], box[1], box[2] - box[0], box[3] - box[1], 0.9]], np.float32)


def test_boxes_found_in_a_turned_picture_are_those_of_the_picture(tmp_path: Path) -> None:
    picture = np.zeros((100, 200, 3), np.uint8)
    picture[10:40, 120:180] = 255
    Image.fromarray(picture).save(tmp_path / "picture.png")
    labelled = LabelledPicture(tmp_path / "picture.png", 200, 100, np.zeros((0, 4), np.float32))
    for turned in (False, True):
        detector = PictureDetector("red", 400, 400, find_red, turned=turned)
        (found,) = detector.detect_in(labelled)
        np.testing.assert_allclose(found[:4], (120, 10, 60, 30), atol=1)
