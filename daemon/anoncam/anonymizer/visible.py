"""What can be seen of a frame after it is covered. Squares take their tones from nothing else."""

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from anoncam.anonymizer.grid import Grid
from anoncam.anonymizer.zones import ZoneMask
from anoncam.frames.frame import FrameFormat

Blocks = NDArray[np.bool_]
"""Shape of a chroma plane: one element for each block of 2x2 luma samples."""


def visible_blocks(picture: FrameFormat, painted: Iterable[tuple[Grid, ZoneMask | None]]) -> Blocks:
    """True for each 2x2 pixels without a square; a zone is painted only where its mask is set.

    Squares begin and end at even coordinates. A block is therefore visible or covered as a whole,
    in luma and in chroma.
    """
    visible = np.ones((-(-picture.height // 2), -(-picture.width // 2)), bool)
    for grid, zone in painted:
        columns, lines = grid.halves
        part = visible[lines[0] : lines[-1], columns[0] : columns[-1]]
        if zone is None:
            part[:] = False
        else:
            part[zone.blocks] = False
    return visible
