"""Arithmetic of boxes."""

import numpy as np
from numpy.typing import NDArray

from anoncam.coverage import Box

Boxes = NDArray[np.float64]
"""Shape (n, 4): left, top, right, bottom."""


def hull(first: Box, second: Box) -> Box:
    """The smallest box around both."""
    return (
        min(first[0], second[0]),
        min(first[1], second[1]),
        max(first[2], second[2]),
        max(first[3], second[3]),
    )


def moved(box: Box, x: float, y: float) -> Box:
    """The box elsewhere."""
    return box[0] + x, box[1] + y, box[2] + x, box[3] + y


def grown(box: Box, part: float) -> Box:
    """The box with `part` of its width and height added on every side."""
    x, y = (box[2] - box[0]) * part, (box[3] - box[1]) * part
    return box[0] - x, box[1] - y, box[2] + x, box[3] + y


def between(first: Box, second: Box, part: float) -> Box:
    """The box on the way from `first` (part 0) to `second` (part 1)."""
    left, top, right, bottom = ((1 - part) * a + part * b for a, b in zip(first, second, strict=True))
    return left, top, right, bottom


def overlaps(first: Boxes, second: Boxes) -> NDArray[np.float64]:
    """Intersection over union of all pairs, of shape (len(first), len(second))."""
    low = np.maximum(first[:, None, :2], second[None, :, :2])
    high = np.minimum(first[:, None, 2:], second[None, :, 2:])
    shared = np.clip(high - low, 0, None).prod(axis=2)
    areas = (first[:, 2:] - first[:, :2]).prod(axis=1)[:, None] + (second[:, 2:] - second[:, :2]).prod(axis=1)
    return np.asarray(shared / np.maximum(areas - shared, 1e-9))


def outermost(boxes: Boxes) -> NDArray[np.bool_]:
    """Which boxes lie within no other one; of equal boxes the first, of shape (n,)."""
    within = (boxes[:, None, :2] >= boxes[None, :, :2]).all(axis=2) & (boxes[:, None, 2:] <= boxes[None, :, 2:]).all(
        axis=2
    )
    # A box lies within itself, and two equal ones lie within each other: only what comes earlier then counts.
    first = np.tril(np.ones_like(within), -1)
    return np.asarray(~(within & (first | ~within.T)).any(axis=1))
