"""The geometry of the grid: from the box of a face to the edges of its squares."""

import math
from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np
from numpy.typing import NDArray

from anoncam.config.schema import AnonymizerSettings
from anoncam.frames.boxes import Box
from anoncam.frames.frame import FrameFormat

Edges = tuple[int, ...]
"""Where squares start and where the last one ends: even luma coordinates that grow strictly."""

Widths = NDArray[np.int64]
"""Shape (columns,), in samples."""


@dataclass(frozen=True)
class Grid:
    """Squares over a box, clipped to the picture.

    `first_column` and `first_row` count the squares that were clipped at the left and at the top.
    With them a square keeps its tone while its box leaves the picture.
    """

    x_edges: Edges
    y_edges: Edges
    first_column: int
    first_row: int

    @property
    def shape(self) -> tuple[int, int]:
        """The numbers of rows and columns."""
        return len(self.y_edges) - 1, len(self.x_edges) - 1

    @cached_property
    def halves(self) -> tuple[Edges, Edges]:
        """The columns' and the rows' edges in the chroma planes."""
        return tuple(edge // 2 for edge in self.x_edges), tuple(edge // 2 for edge in self.y_edges)

    @cached_property
    def widths(self) -> tuple[Widths, Widths]:
        """The columns' widths in luma and in the chroma planes."""
        return np.diff(self.x_edges), np.diff(self.halves[0])


def widen(box: Box, settings: AnonymizerSettings, rotation: int) -> Box:
    """The box of a face with the margins of `settings`, which are those of the upright picture.

    Raises:
        ValueError: the box ends before it begins, or has a coordinate that is not a number.
    """
    left, top, right, bottom = box
    width, height = right - left, bottom - top
    if not (width >= 0 and height >= 0):
        raise ValueError(f"a box of width {width} and height {height}")
    if rotation in (90, 270):
        width, height = height, width
    side, above, below = (
        settings.margin_side * width,
        settings.margin_top * height,
        settings.margin_bottom * height,
    )
    # Left, top, right and bottom of the stored picture, by the clockwise turn to upright.
    margins = {
        0: (side, above, side, below),
        90: (above, side, below, side),
        180: (side, below, side, above),
        270: (below, side, above, side),
    }[rotation]
    return left - margins[0], top - margins[1], right + margins[2], bottom + margins[3]


def lay_grid(box: Box, rows: int, picture: FrameFormat) -> Grid | None:
    """Squares over `box`, with `rows` along its upright height; None outside of the picture.

    The box is rounded outwards to even coordinates, so that chroma is covered wherever luma is.

    Raises:
        ValueError, OverflowError: a coordinate is not finite.
    """
    left, top = math.floor(box[0] / 2) * 2, math.floor(box[1] / 2) * 2
    right, bottom = math.ceil(box[2] / 2) * 2, math.ceil(box[3] / 2) * 2
    upright_height = right - left if picture.rotation in (90, 270) else bottom - top
    side = max(2.0, upright_height / rows)
    return _lay(left, top, right, bottom, side, picture.width, picture.height)


# Boxes are snapped: most are where one was in the frame before.
@lru_cache(maxsize=1024)
def _lay(
    left: int, top: int, right: int, bottom: int, side: float, width: int, height: int
) -> Grid | None:
    columns, lines = _clip(left, right, side, width), _clip(top, bottom, side, height)
    if columns is None or lines is None:
        return None
    return Grid(columns[0], lines[0], columns[1], lines[1])


def _clip(start: int, end: int, side: float, limit: int) -> tuple[Edges, int] | None:
    """The edges of squares from `start` to `end` in 0…`limit`; how many were clipped before."""
    low, high = max(start, 0), min(end, limit + limit % 2)
    if high <= low:
        return None
    # Only squares near the picture are visited: a box may reach far beyond it.
    begin = max(1, math.floor((low - start) / side) - 1)
    finish = min(math.ceil((end - start) / side), math.ceil((high - start) / side) + 1)
    edges, first = [low], 0
    for number in range(begin, finish):
        edge = start + 2 * round(number * side / 2)
        if edge <= low:
            first = number
        elif edges[-1] < edge < high:
            edges.append(edge)
    return (*edges, high), first
