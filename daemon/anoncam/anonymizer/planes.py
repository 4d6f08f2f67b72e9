"""Y, U and V of a frame, whatever its layout: how they are read, and how squares are painted."""

import numpy as np
from numpy.typing import NDArray

from anoncam.anonymizer.grid import Edges, Grid, Widths
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
    widths, halves = grid.widths
    _paint_plane(frame.luma, grid.x_edges, grid.y_edges, widths, fill[..., 0], samples)
    columns, lines = grid.halves
    if len(frame.chroma) == 2:
        for number, plane in enumerate(frame.chroma, 1):
            _paint_plane(plane, columns, lines, halves, fill[..., number], blocks)
    else:
        pairs = None if blocks is None else blocks[..., None]
        _paint_plane(frame.chroma[0], columns, lines, halves, fill[..., 1:], pairs)


def _paint_plane(
    plane: Plane,
    columns: Edges,
    lines: Edges,
    widths: Widths,
    fill: Tones,
    mask: NDArray[np.bool_] | None,
) -> None:
    part = plane[:, columns[0] : columns[-1]]
    # One row of samples for each row of squares: numpy copies it down at the speed of memory.
    rows = fill.repeat(widths, axis=1)[:, : part.shape[1]]
    for row, top, bottom in zip(rows, lines, lines[1:], strict=False):
        if mask is None:
            part[top:bottom] = row
        else:
            np.copyto(part[top:bottom], row, where=mask[top - lines[0] : bottom - lines[0]])
