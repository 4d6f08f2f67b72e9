"""Samples for training: parts of pictures at different scales, with augmentations."""

from dataclasses import dataclass
from enum import IntEnum
from math import exp, log, radians

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from tools.dataset.attributes import attributes_of
from tools.dataset.dataset import LabelledPicture
from tools.train.augmentations import change_light, turn
from tools.train.blurring import blur, blur_by_motion
from tools.train.drawing import draw_bars, mask, print_in_halftone
from tools.train.hard_negatives import NONE, HardNegatives


@dataclass(frozen=True)
class Augmentations:
    """Which augmentations are made; each is drawn anew for each sample."""

    crop: bool = True
    flip: bool = True
    brighten: bool = True
    darken: bool = True
    blur: bool = True
    motion_blur: bool = True
    halftone: bool = True
    mask: bool = True
    bars: bool = True
    turn: bool = True
    rotate: bool = True


@dataclass(frozen=True)
class Sample:
    """A picture of shape (side, side, 3), uint8 RGB, and the boxes of its faces.

    All boxes are float32 of shape (n, 4): left, top, right, bottom. `ignored` counts neither as
    face nor as background, and `hard_negatives` is background that is easily taken for a face.
    """

    picture: NDArray[np.uint8]
    boxes: NDArray[np.float32]
    ignored: NDArray[np.float32]
    hard_negatives: NDArray[np.float32]


class _Kind(IntEnum):
    FACE, IGNORED, HARD_NEGATIVE = range(3)


_NARROWEST, _WIDEST = 0.6, 2.0
"""Factors by which a crop may change the scale of a picture."""


_LEAST_INSIDE = 0.4
"""A face with less than this part in the crop is painted over: not learned, not background."""


_NEGATIVE_CROPS = 0.4
"""The part of a picture's crops that are made around a hard negative, if it has one."""


def make_sample(
    labelled: LabelledPicture,
    side: int,
    switches: Augmentations,
    random: np.random.Generator,
    mined: HardNegatives = NONE,
) -> Sample:
    """Make a square sample of `side` pixels; the same random numbers make the same sample."""
    with Image.open(labelled.path) as opened:
        picture = opened.convert("RGB")
    boxes, kinds = _boxes_of(labelled, mined)
    if switches.turn and random.random() < 0.08:
        picture, boxes = turn(picture, boxes, radians(random.uniform(-25, 25)))
    if switches.rotate and random.random() < 0.2:
        picture, boxes = turn(picture, boxes, radians(random.uniform(-95, 95)), expand=True)
    scale = side / max(picture.size)
    if switches.crop and random.random() < 0.5:
        scale *= exp(random.uniform(log(_NARROWEST), log(_WIDEST)))
    else:
        scale *= random.uniform(0.9, 1.1)
    middles = boxes[kinds == _Kind.FACE]
    negatives = boxes[kinds == _Kind.HARD_NEGATIVE]
    if len(negatives) and random.random() < _NEGATIVE_CROPS:
        middles = negatives
    region = _region(picture, middles, side / scale, switches, random)
    canvas, boxes, kinds = _cut(picture, boxes, kinds, region, scale, side)
    if switches.flip and random.random() < 0.5:
        canvas = canvas[:, ::-1]
        boxes[:, [0, 2]] = side - boxes[:, [2, 0]]
    by_kind = [boxes[kinds == kind] for kind in _Kind]
    if switches.mask:
        canvas = mask(canvas, by_kind[_Kind.FACE], random)
    if switches.bars:
        canvas = draw_bars(canvas, by_kind[_Kind.FACE], random)
    canvas = change_light(canvas, random, brighten=switches.brighten, darken=switches.darken)
    if switches.blur:
        canvas = blur(canvas, random)
    if switches.motion_blur:
        canvas = blur_by_motion(canvas, random)
    if switches.halftone:
        canvas = print_in_halftone(canvas, random)
    return Sample(np.ascontiguousarray(canvas), *(boxes.astype(np.float32) for boxes in by_kind))


def _boxes_of(
    labelled: LabelledPicture, mined: HardNegatives
) -> tuple[NDArray[np.float64], NDArray[np.int_]]:
    """All boxes of a picture, as left, top, right, bottom, and their kinds.

    A face that the data set leaves out of its sets, or that is heavily occluded, is ignored.
    """
    faces = labelled.boxes.astype(np.float64).copy()
    faces[:, 2:] += faces[:, :2]
    attributes = attributes_of(labelled)
    kinds = [
        _Kind.IGNORED
        if (labelled.difficulties and labelled.difficulties[number] == "none")
        or (number in attributes and attributes[number].occlusion == "heavy")
        else _Kind.FACE
        for number in range(len(faces))
    ]
    kinds += [_Kind.IGNORED] * len(mined.doubtful) + [_Kind.HARD_NEGATIVE] * len(mined.certain)
    return np.concatenate([faces, mined.doubtful, mined.certain]), np.array(kinds, int)


def _region(
    picture: Image.Image,
    middles: NDArray[np.float64],
    extent: float,
    switches: Augmentations,
    random: np.random.Generator,
) -> tuple[float, float, float, float]:
    """Choose left, top, right, bottom of a crop of at most `extent` pixels.

    Mostly one of the boxes in `middles` is in it.
    """
    width, height = picture.size
    across, down = min(width, extent), min(height, extent)
    if not switches.crop:
        return 0, 0, across, down
    left, top = random.uniform(0, width - across), random.uniform(0, height - down)
    if len(middles) and random.random() < 0.85:
        box = middles[random.integers(len(middles))]
        x, y = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
        left = np.clip(x - random.uniform(0.1, 0.9) * across, 0, width - across)
        top = np.clip(y - random.uniform(0.1, 0.9) * down, 0, height - down)
    return float(left), float(top), float(left + across), float(top + down)


def _cut(
    picture: Image.Image,
    boxes: NDArray[np.float64],
    kinds: NDArray[np.int_],
    region: tuple[float, float, float, float],
    scale: float,
    side: int,
) -> tuple[NDArray[np.uint8], NDArray[np.float64], NDArray[np.int_]]:
    left, top, right, bottom = region
    size = [
        max(1, min(side, round((end - start) * scale)))
        for start, end in ((left, right), (top, bottom))
    ]
    small = picture.resize((size[0], size[1]), Image.Resampling.BILINEAR, box=region)
    canvas = np.zeros((side, side, 3), np.uint8)
    canvas[: size[1], : size[0]] = np.asarray(small)
    moved = (boxes - [left, top, left, top]) * scale
    clipped = np.clip(moved, 0, [size[0], size[1]] * 2)
    inside = (clipped[:, 2:] - clipped[:, :2]).prod(axis=1) / np.maximum(
        (moved[:, 2:] - moved[:, :2]).prod(axis=1), 1e-9
    )
    is_face = kinds == _Kind.FACE
    for box in clipped[is_face & (inside > 0) & (inside < _LEAST_INSIDE)]:
        x0, y0, x1, y1 = np.round(box).astype(int)
        canvas[y0:y1, x0:x1] = 0
    kept = np.where(is_face, inside >= _LEAST_INSIDE, inside > 0)
    return canvas, clipped[kept], kinds[kept]
