"""Views of a picture for the detector: the whole, and overlapping tiles for small faces."""

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from anoncam.detectors.detector import Detections
from anoncam.detectors.suppression import suppress
from anoncam.frames.frame import Frame, FrameFormat, Picture, lay_out

TILE = 480
"""Width and height of a tile in pixels; the detector's input is larger, and enlarges it."""

OVERLAP = 120
"""Pixels that neighbouring tiles share: a face of up to this size is whole in one of them."""


@dataclass(frozen=True)
class View:
    """A part of the stored picture."""

    left: int
    top: int
    width: int
    height: int


def lay_out_views(width: int, height: int) -> list[View]:
    """The whole picture, then its tiles; a picture no larger than a tile has none."""
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
    """A copy of the part of the picture that `view` shows."""
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
    """The detections of all views, in pixels of the whole picture, without duplicates.

    Of duplicates the one with the highest score stays. A detection at the inner edge of a tile is
    left out, since the tile cuts it off there: it is whole in a neighbouring tile or in the view of
    the whole picture.
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
    """Start and end of each tile along one side: evenly spread, from even coordinates."""
    if side <= TILE:
        return [(0, side)]
    # Rounding to even coordinates takes up to 2 pixels from an overlap.
    count = -(-(side - OVERLAP) // (TILE - OVERLAP - 2))
    starts = [math.floor(number * (side - TILE) / (count - 1) / 2) * 2 for number in range(count)]
    return [(start, min(side, start + TILE)) for start in starts[:-1]] + [(starts[-1], side)]
