"""Samples for training: a part of a picture at some scale, changed as cameras and people change
pictures.
"""

from dataclasses import dataclass
from math import cos, exp, log, radians, sin

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageEnhance, ImageFilter

from tools.dataset.dataset import LabelledPicture


@dataclass(frozen=True)
class Augmentations:
    """Which changes are made; each is drawn anew for each sample."""

    crop: bool = True
    flip: bool = True
    brighten: bool = True
    darken: bool = True
    blur: bool = True
    mask: bool = True
    turn: bool = True


@dataclass(frozen=True)
class Sample:
    """`picture` is uint8 of shape (side, side, 3), RGB; `boxes` float32 of shape (n, 4): left, top,
    right, bottom.
    """

    picture: NDArray[np.uint8]
    boxes: NDArray[np.float32]


_NARROWEST, _WIDEST = 0.6, 2.0
"""How far the long side of a picture may differ from the side of the sample."""

_LEAST_INSIDE = 0.4
"""A face of which less lies in the crop is no face to learn, nor background: it is painted over."""


def make_sample(
    labelled: LabelledPicture, side: int, switches: Augmentations, random: np.random.Generator
) -> Sample:
    """A square sample of `side` pixels; the same random numbers make the same sample."""
    with Image.open(labelled.path) as opened:
        picture = opened.convert("RGB")
    boxes = labelled.boxes.astype(np.float64).copy()
    boxes[:, 2:] += boxes[:, :2]
    if switches.turn and random.random() < 0.08:
        picture, boxes = _turn(picture, boxes, radians(random.uniform(-25, 25)))
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
        canvas = _mask(canvas, boxes, random)
    canvas = _change_light(canvas, switches, random)
    if switches.blur:
        canvas = _blur(canvas, random)
    return Sample(np.ascontiguousarray(canvas), boxes.astype(np.float32))


def _region(
    picture: Image.Image,
    boxes: NDArray[np.float64],
    extent: float,
    switches: Augmentations,
    random: np.random.Generator,
) -> tuple[float, float, float, float]:
    """Where to cut: left, top, right, bottom; a part of `extent` pixels at most, with a face in it
    if there is one.
    """
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


def _turn(
    picture: Image.Image, boxes: NDArray[np.float64], angle: float
) -> tuple[Image.Image, NDArray[np.float64]]:
    """Turn about the centre; a turned face's box is the mean of the one around it and the one
    turned with it.
    """
    centre = np.array(picture.size) / 2
    matrix = np.array([[cos(angle), -sin(angle)], [sin(angle), cos(angle)]])
    inverse = matrix.T
    shift = centre - inverse @ centre
    coefficients = (*inverse[0], shift[0], *inverse[1], shift[1])
    turned = picture.transform(
        picture.size, Image.Transform.AFFINE, coefficients, Image.Resampling.BILINEAR
    )
    middles = ((boxes[:, :2] + boxes[:, 2:]) / 2 - centre) @ matrix.T + centre
    half = (boxes[:, 2:] - boxes[:, :2]) / 2
    half = (half + half @ np.abs(matrix).T) / 2
    return turned, np.concatenate([middles - half, middles + half], axis=1)


def _mask(
    canvas: NDArray[np.uint8], boxes: NDArray[np.float64], random: np.random.Generator
) -> NDArray[np.uint8]:
    """Cover the lower half of some faces in one colour, as a mask does, or the eyes, as sunglasses
    do.
    """
    canvas = canvas.copy()
    for x0, y0, x1, y1 in boxes:
        if y1 - y0 < 14 or random.random() > 0.06:
            continue
        tall, wide = y1 - y0, x1 - x0
        start, end = (0.5, 0.97) if random.random() < 0.7 else (0.25, 0.5)
        rows = slice(round(y0 + start * tall), round(y0 + end * tall))
        columns = slice(round(x0 + 0.08 * wide), round(x1 - 0.08 * wide))
        colour = random.choice(
            [[235, 235, 240], [20, 20, 25], [120, 170, 210], random.integers(0, 256, 3).tolist()]
        )
        part = canvas[rows, columns]
        canvas[rows, columns] = (0.85 * np.array(colour) + 0.15 * part).astype(np.uint8)
    return canvas


def _change_light(
    canvas: NDArray[np.uint8], switches: Augmentations, random: np.random.Generator
) -> NDArray[np.uint8]:
    chance = random.random()
    if switches.brighten and chance < 0.2:
        picture = Image.fromarray(canvas)
        picture = ImageEnhance.Brightness(picture).enhance(random.uniform(1.0, 1.6))
        return np.asarray(ImageEnhance.Contrast(picture).enhance(random.uniform(0.7, 1.2)))
    if switches.darken and chance > 0.88:
        # Little light makes a picture dark, grey and noisy at once.
        light = canvas.astype(np.float32) * random.uniform(0.2, 0.9, (1, 1, 1))
        grey = light.mean(axis=2, keepdims=True)
        light = grey + (light - grey) * random.uniform(0.2, 1)
        light += random.normal(0, random.uniform(0, 8), canvas.shape)
        return np.asarray(np.clip(light, 0, 255).astype(np.uint8))
    return canvas


def _blur(canvas: NDArray[np.uint8], random: np.random.Generator) -> NDArray[np.uint8]:
    """Out of focus, moved, or coarse as a cheap lens: rarely, and little at the size of the
    sample.
    """
    chance = random.random()
    if chance < 0.03:
        return np.asarray(
            Image.fromarray(canvas).filter(ImageFilter.GaussianBlur(random.uniform(0.4, 1.5)))
        )
    if chance < 0.06:
        reach = int(random.integers(2, 7))
        moved = [np.roll(canvas, shift, axis=1).astype(np.uint16) for shift in range(reach)]
        return np.asarray((sum(moved[1:], moved[0]) // reach).astype(np.uint8))
    return canvas
