"""Labels in which no face can be seen, by a rule: they are reported apart."""

from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from anoncam.frames.boxes import overlaps
from tools.common.pictures import letterbox
from tools.dataset.attributes import attributes_of
from tools.dataset.dataset import LabelledPicture
from tools.evaluate.detectors import PictureDetector
from tools.evaluate.tflite_detector import tflite_detector

_TINY = 8.0
"""Height in pixels of the picture below which a label shows no features."""

_LEAST_OVERLAP, _LEAST_SCORE = 0.3, 0.1

_SIDE = 640

_known: dict[Path, frozenset[int]] = {}
"""By picture: each is in clips of several kinds."""

Boxes = NDArray[np.float64]
"""Shape (n, 4): left, top, right, bottom."""


def unseen_faces(labelled: LabelledPicture) -> frozenset[int]:
    """The numbers of the faces that cannot be seen.

    A face cannot be seen where both hold: its label says that it is heavily blurred or heavily
    hidden, or it is lower than 8 pixels; and the largest model finds nothing there from a score of
    0.1 on, in the picture, in it turned to either side, and in its enlarged parts. So what a
    labeller saw clearly counts, even if no detector finds it.
    """
    if labelled.path not in _known:
        doubtful = [
            number
            for number, box in enumerate(labelled.boxes)
            if box[3] < _TINY or _is_hard_to_see(labelled, number)
        ]
        _known[labelled.path] = frozenset(_not_found(labelled, doubtful))
    return _known[labelled.path]


@cache
def _largest() -> PictureDetector:
    return tflite_detector(Path("anoncam-face-640x640"))


def _is_hard_to_see(labelled: LabelledPicture, number: int) -> bool:
    attributes = attributes_of(labelled).get(number)
    return attributes is not None and "heavy" in (attributes.blur, attributes.occlusion)


def _not_found(labelled: LabelledPicture, numbers: list[int]) -> list[int]:
    if not numbers:
        return []
    with Image.open(labelled.path) as opened:
        image = opened.convert("RGB")
    boxes = labelled.boxes[numbers].astype(np.float64)
    boxes[:, 2:] += boxes[:, :2]
    shared = overlaps(boxes, _find(image))
    return [
        number
        for number, row in zip(numbers, shared, strict=True)
        if not (row >= _LEAST_OVERLAP).any()
    ]


def _find(image: Image.Image) -> Boxes:
    """Detections in the picture, in it turned by a quarter, and in four overlapping parts of it."""
    width, height = image.size
    part = round(0.6 * width), round(0.6 * height)
    looks = [(0, 0, width, height, quarter) for quarter in (0, 1, 3)] + [
        (x, y, x + part[0], y + part[1], 0)
        for x in (0, width - part[0])
        for y in (0, height - part[1])
    ]
    found = []
    for left, top, right, bottom, quarter in looks:
        crop = image.crop((left, top, right, bottom)).rotate(90 * quarter, expand=True)
        scale = min(_SIDE / crop.width, _SIDE / crop.height)
        rows = _largest().detect(letterbox(crop, _SIDE, _SIDE))
        boxes = rows[rows[:, 4] >= _LEAST_SCORE, :4].astype(np.float64) / scale
        boxes[:, 2:] += boxes[:, :2]
        found.append(_turned_back(boxes, right - left, bottom - top, quarter) + [left, top] * 2)
    return np.concatenate(found)


def _turned_back(boxes: Boxes, width: int, height: int, quarter: int) -> Boxes:
    left, top, right, bottom = boxes.T
    columns = {
        0: (left, top, right, bottom),
        1: (width - bottom, left, width - top, right),
        3: (top, height - right, bottom, height - left),
    }[quarter]
    return np.stack(columns, axis=1)
