"""The search for hard negatives, before the first epoch."""

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from tqdm import tqdm

from anoncam.detectors.detector import Detections
from anoncam.frames.boxes import overlaps
from tools.dataset.dataset import LabelledPicture
from tools.evaluate.torch_detector import torch_detector
from tools.network.layout import Size
from tools.network.yunet import YuNet
from tools.train.hard_negatives import Boxes, HardNegatives, load, save

Detect = Callable[[NDArray[np.uint8]], Detections]
"""Detects in a square picture of `_CLOSE_SIDE` pixels."""

_SIDES = (384, 640)
"""The inputs, in pixels, in which false detections are looked for."""

_LEAST_SCORE, _MOST = 0.2, 100
"""Of a picture, this many are looked at again, the highest scores first: weights that know nothing
find faces everywhere."""

_MARGIN = 0.5
"""A false detection that is enlarged by this part of its size on each side touches no label."""

_CLOSE_SIDE, _CLOSE_EXTENT = 256, 3.0
"""In a close look, a detection fills a third of an input of this side, as a large face does."""

_SURE = 0.7
"""What scores as much in a close look may be a face whose label is missing."""

_LOWEST = 12.0
"""Lower ones, in pixels of the picture, may be faces that were too small for a label."""


def mine_once(
    network: YuNet, pictures: Sequence[LabelledPicture], file: Path
) -> dict[Path, HardNegatives]:
    """Find the hard negatives of `network` in `pictures`, or read them where `file` exists."""
    if file.exists():
        return load(file)
    detectors = [torch_detector(network, Size(side, side, side, side)) for side in _SIDES]
    close = torch_detector(network, Size(_CLOSE_SIDE, _CLOSE_SIDE, _CLOSE_SIDE, _CLOSE_SIDE))
    mined = {
        labelled.path: sort_out(
            labelled,
            np.concatenate([detector.detect_in(labelled) for detector in detectors]),
            close.detect,
        )
        for labelled in tqdm(pictures, "hard negatives", unit="picture", mininterval=1)
    }
    save(mined, file)
    return mined


def sort_out(labelled: LabelledPicture, found: Detections, close_look: Detect) -> HardNegatives:
    """Sort what was `found` in a picture, in its own pixels, into certain and doubtful."""
    scored = found[found[:, 4] >= _LEAST_SCORE].astype(np.float64)
    best_first = scored[scored[:, 4].argsort()[::-1]]
    boxes = _away_from(labelled, _corners(best_first[:, :4]))[:_MOST]
    doubtful = boxes[:, 3] - boxes[:, 1] < _LOWEST
    if not doubtful.all():
        with Image.open(labelled.path) as opened:
            picture = opened.convert("RGB")
        for number in np.flatnonzero(~doubtful):
            doubtful[number] = _is_sure(picture, boxes[number], close_look)
    return HardNegatives(boxes[~doubtful], boxes[doubtful])


def _corners(boxes: NDArray[np.float64]) -> Boxes:
    return np.concatenate([boxes[:, :2], boxes[:, :2] + boxes[:, 2:]], axis=1)


def _away_from(labelled: LabelledPicture, boxes: Boxes) -> Boxes:
    """Leave out what touches any label: a face found in part is no hard negative either."""
    margin = (boxes[:, 2:] - boxes[:, :2]) * _MARGIN
    around = np.concatenate([boxes[:, :2] - margin, boxes[:, 2:] + margin], axis=1)
    labels = _corners(labelled.boxes.astype(np.float64))
    return boxes[~(overlaps(around, labels) > 0).any(axis=1)]


def _is_sure(picture: Image.Image, box: NDArray[np.float64], close_look: Detect) -> bool:
    middle = (box[:2] + box[2:]) / 2
    half = _CLOSE_EXTENT * max(box[2:] - box[:2]) / 2
    region = [round(value) for value in (*(middle - half), *(middle + half))]
    near = picture.crop((region[0], region[1], region[2], region[3]))
    found = close_look(np.array(near.resize((_CLOSE_SIDE, _CLOSE_SIDE), Image.Resampling.BILINEAR)))
    scale = _CLOSE_SIDE / (2 * half)
    here = (box - [*(middle - half), *(middle - half)]) * scale
    same = overlaps(_corners(found[:, :4].astype(np.float64)), here[None])[:, 0] > 0.3
    return bool((found[same, 4] >= _SURE).any())
