"""Pictures in coarse cells, from which camera motion and scene cuts are measured."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from anoncam.frames.frame import Picture

ACROSS = 120
"""Cells across a picture: fine enough to measure a shift of a thousandth of its width."""

Means = NDArray[np.float32]
"""Mean luma of each cell, of shape (rows, columns)."""


@dataclass(frozen=True)
class Cells:
    """A picture as means of squares of `side` pixels."""

    means: Means
    side: int


def take_cells(picture: Picture) -> Cells:
    """The cells of a picture. Only some rows of each are averaged, to save time."""
    side = max(1, picture.luma.shape[1] // ACROSS)
    rows, columns = picture.luma.shape[0] // side, picture.luma.shape[1] // side
    lines = picture.luma[: rows * side, : columns * side].reshape(rows, side, -1)[
        :, :: max(1, side // 3)
    ]
    # Sums down first, then across: this takes a fifth of the time of a mean over both axes.
    sums = np.add.reduceat(
        lines.sum(axis=1, dtype=np.uint16), range(0, columns * side, side), axis=1, dtype=np.uint32
    )
    return Cells(np.asarray(sums / (side * lines.shape[1]), np.float32), side)
