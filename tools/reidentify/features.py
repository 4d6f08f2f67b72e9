"""What attackers that learn read in a hidden picture."""

from collections.abc import Callable

import cv2
import numpy as np
from numpy.typing import NDArray

from tools.reidentify.situation import Hidden, Vectors

CELLS = 16
"""Cells across and down in which the aligned face is read: finer than any grid of squares here."""

CELLS_AROUND = 8
"""The same for the face with its surroundings."""


Features = Callable[[Hidden], Vectors]
"""Reads features, of shape (n, features), in hidden pictures."""


def everything(hidden: Hidden) -> Vectors:
    """The tones of the face and around it, the geometry of the box, and how all that changes."""
    return np.concatenate(
        [
            _cells(hidden.faces, CELLS),
            _cells(hidden.around, CELLS_AROUND),
            hidden.geometry,
            hidden.changes,
        ],
        axis=1,
    )


def box_alone(hidden: Hidden) -> Vectors:
    """The geometry and the mean colour: all that a box shows which hides everything in it."""
    return np.concatenate([_cells(hidden.faces, 1), hidden.geometry], axis=1)


def surroundings(hidden: Hidden) -> Vectors:
    """The face with its surroundings: hair, clothes, the place."""
    return np.concatenate([_cells(hidden.around, CELLS), hidden.geometry], axis=1)


def _cells(faces: NDArray[np.uint8], side: int) -> Vectors:
    """Means of `side` x `side` cells of each face, from 0 to 1: shape (n, side * side * 3)."""
    means = [cv2.resize(face, (side, side), interpolation=cv2.INTER_AREA) for face in faces]
    return np.stack(means).reshape(len(faces), -1).astype(np.float32) / np.float32(255)
