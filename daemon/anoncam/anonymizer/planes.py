"""Y, U and V of a frame, whatever its layout: how they are read, and how squares are painted."""

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from anoncam.anonymizer.grid import Edges, Grid
from anoncam.anonymizer.tones import Tones
from anoncam.anonymizer.zones import ZoneMask
from anoncam.frames.frame import Frame, Plane


def planes(frame: Frame) -> tuple[Plane, Plane, Plane]:
    """Y, U and V as uint8 views: Y (height, width), U and V half as high and wide, rounded up."""
    if len(frame.chroma) == 2:
        return frame.luma, frame.chroma[0], frame.chroma[1]
    return frame.luma, frame.chroma[0][..., 0], frame.chroma[0][..., 1]


def paint(frame: Frame, grid: Grid, fill: Tones, zone: ZoneMask | None) -> None:
    """Write `fill` (rows, columns, 3) into all planes; of a zone only the samples in it."""
    samples, blocks = (None, None) if zone is None else (zone.samples, zone.blocks)
    _paint_plane(frame.luma, grid.x_edges, grid.y_edges, fill[..., 0], samples)
    columns, lines = grid.halves
    if len(frame.chroma) == 2:
        for number, plane in enumerate(frame.chroma, 1):
            _paint_plane(plane, columns, lines, fill[..., number], blocks)
    else:
        pairs = None if blocks is None else blocks[..., None]
        _paint_plane(frame.chroma[0], columns, lines, fill[..., 1:], pairs)


def _paint_plane(
    plane: Plane, columns: Edges, lines: Edges, fill: Tones, mask: NDArray[np.bool_] | None
) -> None:
    part = plane[lines[0] : lines[-1], columns[0] : columns[-1]]
    widths = [right - left for left, right in pairwise(columns)]
    # One row of samples for each row of squares: numpy copies it down at the speed of memory.
    rows = fill.repeat(widths, axis=1)[:, : part.shape[1]]
    for row, top, bottom in zip(rows, lines, lines[1:], strict=False):
        band = slice(top - lines[0], bottom - lines[0])
        if mask is None:
            part[band] = row
        else:
            np.copyto(part[band], row, where=mask[band])
