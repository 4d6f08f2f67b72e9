"""Arithmetic of boxes."""

import numpy as np
from numpy.typing import NDArray

Box = tuple[float, float, float, float]
"""Left, top, right, bottom, in pixels of the stored picture; parts may lie outside of it."""

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
    """The box, moved by `x` and `y`."""
    return box[0] + x, box[1] + y, box[2] + x, box[3] + y


def grown(box: Box, part: float) -> Box:
    """The box with `part` of its width and height added on every side."""
    x, y = (box[2] - box[0]) * part, (box[3] - box[1]) * part
    return box[0] - x, box[1] - y, box[2] + x, box[3] + y


def between(first: Box, second: Box, part: float) -> Box:
    """The box on the way from `first` (part 0) to `second` (part 1)."""
    rest = 1 - part
    return (
        rest * first[0] + part * second[0],
        rest * first[1] + part * second[1],
        rest * first[2] + part * second[2],
        rest * first[3] + part * second[3],
    )


def overlaps(first: Boxes, second: Boxes) -> NDArray[np.float64]:
    """Intersection over union of all pairs, of shape (len(first), len(second))."""
    # One axis after the other: both in one array take five times as long for 400 boxes.
    sides = (
        np.minimum.outer(first[:, side + 2], second[:, side + 2])
        - np.maximum.outer(first[:, side], second[:, side])
        for side in (0, 1)
    )
    width, height = (np.maximum(side, 0.0) for side in sides)
    shared = width * height
    areas = np.add.outer(*((boxes[:, 2:] - boxes[:, :2]).prod(axis=1) for boxes in (first, second)))
    return np.asarray(shared / np.maximum(areas - shared, 1e-9))


def within(inner: Boxes, outer: Boxes) -> NDArray[np.bool_]:
    """Which box lies within which other one, of shape (len(inner), len(outer))."""
    return np.asarray(
        np.greater_equal.outer(inner[:, 0], outer[:, 0])
        & np.greater_equal.outer(inner[:, 1], outer[:, 1])
        & np.less_equal.outer(inner[:, 2], outer[:, 2])
        & np.less_equal.outer(inner[:, 3], outer[:, 3])
    )


def outermost(boxes: Boxes) -> NDArray[np.bool_]:
    """Which boxes lie within no other one, of equal boxes only the first; shape (n,)."""
    inside = within(boxes, boxes)
    # Each box lies within itself, and equal ones within each other: there only earlier ones count.
    first = np.tril(np.ones_like(inside), -1)
    return np.asarray(~(inside & (first | ~inside.T)).any(axis=1))
