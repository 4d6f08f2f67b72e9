"""Privacy zones: polygons of the upright picture that are covered in every frame."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from anoncam.config.schema import Zone
from anoncam.frames.boxes import Box
from anoncam.frames.frame import FrameFormat


@dataclass(frozen=True, eq=False)
class ZoneMask:
    """A zone in the stored picture.

    `box` is its bounding box, with even coordinates. `blocks` and `samples` are masks over that
    box: `blocks` has one element per chroma sample (2x2 luma samples), `samples` one per luma
    sample.
    """

    box: Box
    blocks: NDArray[np.bool_]
    samples: NDArray[np.bool_]


def rasterise(zone: Zone, picture: FrameFormat) -> ZoneMask:
    """Mark every block that the polygon touches, and a rim of one block around them.

    The rim covers what the polygon touches between the probed points.
    """
    points = np.array([turn_back(x, y, picture.rotation) for x, y in zone])
    points *= (picture.width / 2, picture.height / 2)
    limits = np.array([-(-picture.width // 2), -(-picture.height // 2)])
    # All that follows is in blocks. The rim needs one block more on each side.
    low = np.maximum(np.floor(points.min(axis=0)).astype(np.intp) - 1, 0)
    high = np.minimum(np.ceil(points.max(axis=0)).astype(np.intp) + 1, limits)
    corners = _corners_inside(points - low, *(high - low).tolist())
    inside = corners[:-1, :-1] | corners[1:, :-1] | corners[:-1, 1:] | corners[1:, 1:]
    blocks = _with_rim(inside)
    height, width = picture.height - 2 * int(low[1]), picture.width - 2 * int(low[0])
    samples = blocks.repeat(2, axis=0).repeat(2, axis=1)[:height, :width]
    left, top, right, bottom = (2.0 * float(edge) for edge in (*low, *high))
    return ZoneMask((left, top, right, bottom), blocks, samples)


def turn_back(x: float, y: float, rotation: int) -> tuple[float, float]:
    """A point (0 to 1) of the upright picture, as a point (0 to 1) of the stored one.

    `rotation` is the clockwise turn, in degrees, that makes the stored picture upright.
    """
    return {0: (x, y), 90: (y, 1 - x), 180: (1 - x, 1 - y), 270: (1 - y, x)}[rotation]


def _corners_inside(points: NDArray[np.float64], columns: int, rows: int) -> NDArray[np.bool_]:
    """Which corners of the blocks lie in the polygon or touch its outline from the upper left.

    The winding number decides: a place that the polygon goes around twice is inside.
    """
    crossings = np.zeros((rows + 1, columns + 2), np.int16)
    outline = np.zeros((rows + 1, columns + 1), bool)
    lines = np.arange(rows + 1)
    for start, end in zip(points, np.roll(points, -1, axis=0), strict=True):
        (x1, y1), (x2, y2) = start, end
        crossed = lines[(lines >= min(y1, y2)) & (lines < max(y1, y2))]
        if len(crossed):
            places = np.ceil((x2 - x1) * (crossed - y1) / (y2 - y1) + x1).astype(np.intp)
            crossings[crossed, np.clip(places, 0, columns + 1)] += 1 if y2 > y1 else -1
        # Thin slivers may pass between corners, so the outline is probed at every half block.
        line = np.linspace(start, end, 2 * int(np.ceil(np.abs(end - start).max())) + 1).astype(
            np.intp
        )
        outline[line[:, 1].clip(0, rows), line[:, 0].clip(0, columns)] = True
    wound: NDArray[np.bool_] = crossings.cumsum(axis=1)[:, :-1] != 0
    return wound | outline


def _with_rim(inside: NDArray[np.bool_]) -> NDArray[np.bool_]:
    wide = inside.copy()
    wide[1:] |= inside[:-1]
    wide[:-1] |= inside[1:]
    blocks = wide.copy()
    blocks[:, 1:] |= wide[:, :-1]
    blocks[:, :-1] |= wide[:, 1:]
    return blocks
