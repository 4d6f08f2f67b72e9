"""Which pixels of a hidden picture lie in which square: an attacker sees it at the edges."""

import numpy as np
from numpy.typing import NDArray

from anoncam.anonymizer.grid import lay_grid, widen
from anoncam.config.schema import AnonymizerSettings
from anoncam.frames.boxes import Box
from anoncam.frames.frame import tight

Squares = NDArray[np.uint16]
"""The number of the square that each pixel lies in; 0 outside of all."""


def number_squares(box: Box, rows: int, width: int, height: int) -> Squares:
    """Number the squares over `box`, of shape (height, width); with no `rows` there are none."""
    numbers = np.zeros((height, width), np.uint16)
    form = tight(width, height)
    grid = lay_grid(widen(box, AnonymizerSettings(), form.rotation), rows, form) if rows else None
    if grid is None:
        return numbers
    squares = np.arange(1, 1 + np.prod(grid.shape), dtype=np.uint16).reshape(grid.shape)
    wide = squares.repeat(np.diff(grid.x_edges), axis=1)
    numbers[grid.y_edges[0] : grid.y_edges[-1], grid.x_edges[0] : grid.x_edges[-1]] = wide.repeat(
        np.diff(grid.y_edges), axis=0
    )
    return numbers
