"""What the detector is shown of a picture: the whole, and tiles that overlap, in which small faces
are large.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from anoncam.detectors.detector import Detections
from anoncam.detectors.suppression import suppress
from anoncam.frames.frame import Frame, FrameFormat, Picture, lay_out

TILE = 480
"""Pixels that a tile is wide and high; the detector's larger input shows it enlarged."""

OVERLAP = 120
"""Pixels that tiles share with their neighbours: a face of up to that size is whole in one of
them."""


@dataclass(frozen=True)
class View:
    """A part of the stored picture."""

    left: int
    top: int
    width: int
    height: int


def lay_out_views(width: int, height: int) -> list[View]:
    """The whole picture and then its tiles; a picture that is hardly larger than a tile needs
    none.
    """
    whole = View(0, 0, width, height)
    columns, rows = _spans(width), _spans(height)
    if len(columns) == len(rows) == 1:
        return [whole]
    tiles = (
        View(left, top, right - left, bottom - top)
        for top, bottom in rows
        for left, right in columns
    )
    return [whole, *tiles]


def cut(frame: Frame, view: View) -> Picture:
    """A copy of a part of the picture."""
    stride = view.width + view.width % 2
    part_format = replace(
        frame.format, width=view.width, height=view.height, stride=stride, lores=None
    )
    part = lay_out(np.zeros((part_format.rows, stride), np.uint8), part_format)
    part.luma[:] = frame.luma[view.top : view.top + view.height, view.left : view.left + view.width]
    for target, source in zip(part.chroma, frame.chroma, strict=True):
        rows, columns = target.shape[:2]
        target[:] = source[
            view.top // 2 : view.top // 2 + rows, view.left // 2 : view.left // 2 + columns
        ]
    return part


def put_together(found: Iterator[tuple[View, Detections]], picture: FrameFormat) -> Detections:
    """What was found in all views, in pixels of the whole picture; of what was found twice, the
    surer one.

    What touches the inner edge of a tile is left out: it is cut off there, and whole in the tile
    beside it, or too large for tiles.
    """
    parts = [np.empty((0, 5), np.float32)]
    for view, detections in found:
        left, top = detections[:, 0], detections[:, 1]
        right, bottom = left + detections[:, 2], top + detections[:, 3]
        whole = (
            ((left >= 0) | (view.left == 0))
            & ((top >= 0) | (view.top == 0))
            & ((right <= view.width) | (view.left + view.width == picture.width))
            & ((bottom <= view.height) | (view.top + view.height == picture.height))
        )
        parts.append(
            (detections + np.array([view.left, view.top, 0, 0, 0], np.float32))[whole].astype(
                np.float32
            )
        )
    return suppress(np.concatenate(parts))


def _spans(side: int) -> list[tuple[int, int]]:
    """Where tiles start, at even coordinates, and end; evenly spread."""
    if side <= TILE:
        return [(0, side)]
    # Rounding to even coordinates takes up to 2 pixels from an overlap.
    count = -(-(side - OVERLAP) // (TILE - OVERLAP - 2))
    starts = [math.floor(number * (side - TILE) / (count - 1) / 2) * 2 for number in range(count)]
    return [(start, min(side, start + TILE)) for start in starts[:-1]] + [(starts[-1], side)]
