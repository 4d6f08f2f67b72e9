"""Samples for training: parts of pictures at different scales, with augmentations."""

from dataclasses import dataclass
from math import exp, log, radians

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from tools.dataset.dataset import LabelledPicture
from tools.train.augmentations import blur, change_light, mask, turn


@dataclass(frozen=True)
class Augmentations:
    """Which augmentations are made; each is drawn anew for each sample."""

    crop: bool = True
    flip: bool = True
    brighten: bool = True
    darken: bool = True
    blur: bool = True
    mask: bool = True
    turn: bool = True


@dataclass(frozen=True)
class Sample:
    """A picture of shape (side, side, 3), uint8 RGB, and the boxes of its faces.

    `boxes` is float32 of shape (n, 4): left, top, right, bottom.
    """

    picture: NDArray[np.uint8]
    boxes: NDArray[np.float32]


_NARROWEST, _WIDEST = 0.6, 2.0
"""Factors by which a crop may change the scale of a picture."""


_LEAST_INSIDE = 0.4
"""A face with less than this part in the crop is painted over: not learned, not background."""


def make_sample(
    labelled: LabelledPicture, side: int, switches: Augmentations, random: np.random.Generator
) -> Sample:
    """Make a square sample of `side` pixels; the same random numbers make the same sample."""
    with Image.open(labelled.path) as opened:
        picture = opened.convert("RGB")
    boxes = labelled.boxes.astype(np.float64).copy()
    boxes[:, 2:] += boxes[:, :2]
    if switches.turn and random.random() < 0.08:
        picture, boxes = turn(picture, boxes, radians(random.uniform(-25, 25)))
    scale = side / max(picture.size)
    if switches.crop and random.random() < 0.5:
        scale *= exp(random.uniform(log(_NARROWEST), log(_WIDEST)))
    else:
        scale *= random.uniform(0.9, 1.1)
    region = _region(picture, boxes, side / scale, switches, random)
    canvas, boxes = _cut(picture, boxes, region, scale, side)
    if switches.flip and random.random() < 0.5:
        canvas = canvas[:, ::-1]
        boxes[:, [0, 2]] = side - boxes[:, [2, 0]]
    if switches.mask:
        canvas = mask(canvas, boxes, random)
    canvas = change_light(canvas, random, brighten=switches.brighten, darken=switches.darken)
    if switches.blur:
        canvas = blur(canvas, random)
    return Sample(np.ascontiguousarray(canvas), boxes.astype(np.float32))


def _region(
    picture: Image.Image,
    boxes: NDArray[np.float64],
    extent: float,
    switches: Augmentations,
    random: np.random.Generator,
) -> tuple[float, float, float, float]:
    """Choose left, top, right, bottom of a crop of at most `extent` pixels, mostly with a face."""
    width, height = picture.size
    across, down = min(width, extent), min(height, extent)
    if not switches.crop:
        return 0, 0, across, down
    left, top = random.uniform(0, width - across), random.uniform(0, height - down)
    if len(boxes) and random.random() < 0.85:
        face = boxes[random.integers(len(boxes))]
        x, y = (face[0] + face[2]) / 2, (face[1] + face[3]) / 2
        left = np.clip(x - random.uniform(0.1, 0.9) * across, 0, width - across)
        top = np.clip(y - random.uniform(0.1, 0.9) * down, 0, height - down)
    return float(left), float(top), float(left + across), float(top + down)


def _cut(
    picture: Image.Image,
    boxes: NDArray[np.float64],
    region: tuple[float, float, float, float],
    scale: float,
    side: int,
) -> tuple[NDArray[np.uint8], NDArray[np.float64]]:
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
    for box in clipped[(inside > 0) & (inside < _LEAST_INSIDE)]:
        x0, y0, x1, y1 = np.round(box).astype(int)
        canvas[y0:y1, x0:x1] = 0
    return canvas, clipped[inside >= _LEAST_INSIDE]
