"""Privacy zones: polygons of the upright picture that are covered in every frame."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from anoncam.config.schema import Zone
from anoncam.coverage import Box
from anoncam.frame import FrameFormat


@dataclass(frozen=True, eq=False)
class ZoneMask:
    """A zone in the stored picture.

    `blocks` is a boolean array over the whole picture, one element for 2x2 luma samples, which is one chroma sample;
    `box` is its bounding box.
    """

    blocks: NDArray[np.bool_]
    box: Box


def rasterise(zone: Zone, picture: FrameFormat) -> ZoneMask:
    """Every block that the polygon touches, and a rim of one block for what lies between the probed points."""
    points = np.array([turn_back(x, y, picture.rotation) for x, y in zone])
    points *= (picture.width, picture.height)
    rows, columns = -(-picture.height // 2), -(-picture.width // 2)
    ys, xs = np.mgrid[0 : rows + 1, 0 : columns + 1] * 2.0
    corners = _contains(points, xs, ys)
    # Thin slivers may pass between corners: the edges themselves are probed densely too.
    for start, end in zip(points, np.roll(points, -1, axis=0), strict=True):
        count = int(np.ceil(np.abs(end - start).max())) + 1
        line = np.linspace(start, end, count)
        corners[
            np.clip(line[:, 1] / 2, 0, rows).astype(np.intp), np.clip(line[:, 0] / 2, 0, columns).astype(np.intp)
        ] = True
    inside = corners[:-1, :-1] | corners[1:, :-1] | corners[:-1, 1:] | corners[1:, 1:]
    padded = np.pad(inside, 1)
    blocks = np.zeros_like(inside)
    for row in range(3):
        for column in range(3):
            blocks |= padded[row : row + rows, column : column + columns]
    y_any, x_any = np.nonzero(blocks.any(axis=1))[0], np.nonzero(blocks.any(axis=0))[0]
    return ZoneMask(blocks, (2.0 * x_any[0], 2.0 * y_any[0], 2.0 * x_any[-1] + 2, 2.0 * y_any[-1] + 2))


def turn_back(x: float, y: float, rotation: int) -> tuple[float, float]:
    """A relative point of the upright picture, in the stored one, which is to be turned clockwise by `rotation`."""
    return {0: (x, y), 90: (y, 1 - x), 180: (1 - x, 1 - y), 270: (1 - y, x)}[rotation]


def _contains(polygon: NDArray[np.float64], xs: NDArray[np.float64], ys: NDArray[np.float64]) -> NDArray[np.bool_]:
    """The even-odd rule for many points at once."""
    inside = np.zeros(xs.shape, bool)
    for (x1, y1), (x2, y2) in zip(polygon, np.roll(polygon, -1, axis=0), strict=True):
        if y1 == y2:
            continue
        crosses = (y1 > ys) != (y2 > ys)
        inside ^= crosses & (xs < (x2 - x1) * (ys - y1) / (y2 - y1) + x1)
    return inside
