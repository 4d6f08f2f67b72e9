"""Boxes of few sizes at few places, so that a box tells little of the face that it covers.

All boxes have one shape, or are a row of up to four of that shape: a fast face is covered all along
its way. Each size is a fifth larger than the one before it, and has a grid of places that is 32
times finer than the box is high. Snapping only adds: a snapped box contains the one that it was
made of.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from anoncam.frames.boxes import Box, within
from anoncam.frames.frame import FrameFormat
from anoncam.tracking.coverage import CoverBox

SIZES = 4
"""Sizes for each doubling: each is 2^(1/4) times as large as the one before it."""

SMALLEST = 16
"""Height of the smallest box, in pixels."""

STEPS_HIGH, STEPS_WIDE = 32, 27
"""Height and width of an upright box, in steps of its grid: half of all detections are narrower
than this, and those that are wider get a higher box."""

KEPT = 2 ** (-1.5 / SIZES)
"""A track keeps its size until it needs less than this part of it: the next smaller size would do
from 0.84 on, and boxes would breathe."""

SINGLE = ((1, 1),)
BESIDE, ABOVE = (*SINGLE, (2, 1), (3, 1), (4, 1)), (*SINGLE, (1, 2), (1, 3), (1, 4))
"""How many boxes of the one shape may lie side by side, and above each other."""

ELONGATED = 1.4
"""How much longer than the one shape a box must be for a row to take less area: the root of 2, but
for rounding."""

BORDER = 1.0
"""Pixels from the picture's border within which a face may go on beyond it. There a box is laid as
far outside as it can be: what it has more than the face then covers nothing."""

AT_REST = 2
"""Steps by which such a box may be off that place: its inner side jitters."""


@dataclass(frozen=True)
class SnappedBox:
    """A box of the lattice; `height` is that of each upright box in its `row`, in pixels."""

    box: Box
    height: int
    row: tuple[int, int] = (1, 1)

    @property
    def area(self) -> float:
        """In parts of what a single box of one pixel in height takes."""
        return self.row[0] * self.row[1] * self.height**2


def height_of(size: int) -> int:
    """The height of a box of the size with this number, in pixels."""
    return round(SMALLEST * 2 ** (size / SIZES))


def snap(box: Box, picture: FrameFormat, before: SnappedBox | None = None) -> SnappedBox:
    """The smallest box of the lattice that contains `box`.

    `before` is the track's last one. It stays as it is while it contains `box` and is not much
    larger than needed.
    """
    lies = picture.rotation in (90, 270)
    shape = (STEPS_HIGH, STEPS_WIDE) if lies else (STEPS_WIDE, STEPS_HIGH)

    def needed(row: tuple[int, int]) -> float:
        across, down = row[0] * shape[0], row[1] * shape[1]
        length = max((box[2] - box[0]) / across, (box[3] - box[1]) / down) * STEPS_HIGH
        return max(length, SMALLEST)

    def place(row: tuple[int, int], height: int, last: Box | None = None) -> SnappedBox | None:
        # Exact in binary, and so are all edges: a height is a whole number, and 32 a power of two.
        step = height / STEPS_HIGH
        across, down = row[0] * shape[0], row[1] * shape[1]
        left_before, top_before = last[:2] if last else (None, None)
        left = _start(box[0], box[2], across, step, picture.width, left_before)
        top = _start(box[1], box[3], down, step, picture.height, top_before)
        if left is None or top is None:
            return None
        return SnappedBox((left, top, left + across * step, top + down * step), height, row)

    wide, high = (box[2] - box[0]) / shape[0], (box[3] - box[1]) / shape[1]
    rows = BESIDE if wide > ELONGATED * high else ABOVE if high > ELONGATED * wide else SINGLE
    row = min(rows, key=lambda row: row[0] * row[1] * needed(row) ** 2)
    least = needed(row)
    if before is not None and row[0] * row[1] * least**2 >= KEPT**2 * before.area:
        kept = place(before.row, before.height, before.box)
        if kept is not None:
            return kept
    size = math.floor(SIZES * math.log2(least / SMALLEST))
    while (fitting := place(row, height_of(size))) is None:
        size += 1
    return fitting


def _start(
    low: float, high: float, steps: int, step: float, limit: int, before: float | None
) -> float | None:
    """The multiple of `step` from which so many steps reach around `low` to `high`.

    It is as central as can be, or at the picture's border as far outside. It stays `before` where
    that does too. None if so many steps are too few.
    """
    last, first = math.floor(low / step), math.ceil(high / step) - steps
    # The quotients are rounded, and may be rounded to a whole number.
    last -= last * step > low
    first += (first + steps) * step < high
    if first > last:
        return None
    match (low <= BORDER, high >= limit - BORDER):
        case (True, False):
            best, last = first, min(last, first + AT_REST)
        case (False, True):
            best, first = last, max(first, last - AT_REST)
        case _:
            best = min(max(round((low + high) / 2 / step - steps / 2), first), last)
    if before is not None and first * step <= before <= last * step:
        return before
    return best * step


class Snapping:
    """Snaps the boxes of one frame after the other, and remembers where each track's box was.

    >>> snapping = Snapping()
    >>> snapping.snap(tracker.coverage(frame.timestamp), frame.format)
    (CoverBox(box=(...), key='track 1', ...),)
    """

    def __init__(self) -> None:
        self._before: dict[str, SnappedBox] = {}

    def snap(self, covers: Sequence[CoverBox], picture: FrameFormat) -> tuple[CoverBox, ...]:
        """The snapped boxes of the next frame, without second ones of one face.

        What lies within the snapped box of another track is covered by that.
        """
        snapped = {
            cover.key: snap(cover.box, picture, self._before.get(cover.key)) for cover in covers
        }
        self._before = snapped
        kept = _outermost([cover.box for cover in covers], list(snapped.values()))
        return tuple(
            CoverBox(snapped[cover.key].box, cover.key, cover.score, cover.reason)
            for cover, is_kept in zip(covers, kept, strict=True)
            if is_kept
        )


def _outermost(boxes: Sequence[Box], snapped: Sequence[SnappedBox]) -> list[bool]:
    """Which snapped boxes are needed so that they contain all `boxes`; large ones come first."""
    if not boxes:
        return []
    inside = within(np.array(boxes), np.array([each.box for each in snapped]))
    kept = np.zeros(len(boxes), bool)
    for number in sorted(range(len(boxes)), key=lambda number: -snapped[number].area):
        kept[number] = not (inside[number] & kept).any()
    result: list[bool] = kept.tolist()
    return result
