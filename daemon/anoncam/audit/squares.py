"""Tells squares over a face, which detectors like to take for one, from a face."""

import math

import numpy as np
from numpy.typing import NDArray

from anoncam.frames.boxes import Box
from anoncam.frames.frame import Plane

LEAST_SHARE = 0.57
"""Share of all change that lies in the quarter of rows (and of columns) that change most: over
squares 0.6 to 0.9."""

LEAST_SHARE_OF_PARTS = 0.5
"""The same in each part of the box, where squares may cover but a part of the face. None of 1,492
faces that were found in clear footage had both shares."""

_STRIPS = 12
"""Pixels that a part must be wide and high to be looked at by itself: there are two or three of
them each way."""

_LINES = 0.25
_FEWEST = 8
"""Pixels on a side below which a face shows too little to tell."""

_CHANGE = 1e-6


def are_squares(luma: Plane, box: Box) -> bool:
    """Whether what lies in `box` changes along few lines only, from one side to the other, as
    squares do.
    """
    height, width = luma.shape
    rows = slice(max(0, math.floor(box[1])), min(height, math.ceil(box[3])))
    columns = slice(max(0, math.floor(box[0])), min(width, math.ceil(box[2])))
    inside = luma[rows, columns].astype(np.float32)
    if min(inside.shape, default=0) < _FEWEST:
        return False
    parts = 3 if min(inside.shape) >= 3 * _STRIPS else 2
    strips = [strip for axis in (0, 1) for strip in np.array_split(inside, parts, axis)]
    return _share(inside) >= LEAST_SHARE and min(map(_share, strips)) >= LEAST_SHARE_OF_PARTS


def _share(part: NDArray[np.float32]) -> float:
    """The mean of the shares of rows and columns."""
    across = np.abs(np.diff(part, axis=1)).mean(axis=0)
    down = np.abs(np.diff(part, axis=0)).mean(axis=1)
    return (_share_of_largest(across) + _share_of_largest(down)) / 2


def _share_of_largest(changes: NDArray[np.float32]) -> float:
    """The share of the largest quarter; a flat picture changes nowhere, so that all of it is in few
    lines.
    """
    total = float(changes.sum())
    if total < _CHANGE:
        return 1.0
    count = max(1, math.ceil(len(changes) * _LINES))
    return float(np.sort(changes)[-count:].sum()) / total
