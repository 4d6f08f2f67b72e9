"""How the camera moves: a pan, a tilt or a zoom moves every face at once, seen or not."""

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from anoncam.frames.boxes import Box
from anoncam.motion.cells import Cells, Means

_FEWEST = 16
"""Rows and columns of cells in a quarter, below which the motion is not measured."""

MOST_DISAGREEMENT = 0.75
"""Cells by which a quarter's shift may differ from the camera's motion. Where one differs more,
something else has moved, or the measurement has failed."""

_LEAST_SHIFT, _LEAST_ZOOM = 0.05, 0.0005
"""Cells, and change of zoom, below which the camera stands still: noise would add up."""

_MOST_ZOOM = 0.2
"""Change of zoom from one frame to the next that no camera reaches."""

_FLOOR = 1e-3
"""Part of the strongest frequency that is added to all: else weak ones, which are noise, count as
much as the strong ones."""

Spectra = NDArray[np.complexfloating]
"""Of the four quarters: upper left, upper right, lower left, lower right."""

_CENTRES = np.array([(0.5, 0.5), (1.5, 0.5), (0.5, 1.5), (1.5, 1.5)])
"""Centres of the quarters, right and down, in sizes of a quarter."""


@dataclass(frozen=True)
class Motion:
    """Where points go from one picture to the next, in pixels.

    A point (x, y) goes to (zoom * x + right, zoom * y + down).
    """

    zoom: float = 1.0
    right: float = 0.0
    down: float = 0.0

    def move(self, box: Box) -> Box:
        """Where the box goes."""
        return (
            box[0] * self.zoom + self.right,
            box[1] * self.zoom + self.down,
            box[2] * self.zoom + self.right,
            box[3] * self.zoom + self.down,
        )


STILL = Motion()


class CameraMotion:
    """Compares the four quarters of each picture with those of the one before.

    In doubt it reports that the camera stands still.
    """

    def __init__(self) -> None:
        self._before: Spectra | None = None
        self._shape = (0, 0)

    def watch(self, cells: Cells) -> Motion:
        """The motion from the picture before to this one."""
        means = cells.means
        rows, columns = shape = means.shape[0] // 2, means.shape[1] // 2
        if min(shape) < _FEWEST:
            return STILL
        quarters = (
            means[: 2 * rows, : 2 * columns]
            .reshape(2, rows, 2, columns)
            .swapaxes(1, 2)
            .reshape(4, *shape)
        )
        before, self._before = self._before, _spectra(quarters)
        shape_before, self._shape = self._shape, shape
        if before is None or shape_before != shape:
            return STILL
        shifts = _shifts(before, self._before, shape)
        return _agreed(shifts, _CENTRES * (columns, rows), cells.side)


def _spectra(quarters: Means) -> Spectra:
    return np.fft.rfft2(
        (quarters - quarters.mean(axis=(1, 2), keepdims=True)) * _window(*quarters.shape[1:])
    )


def _shifts(before: Spectra, after: Spectra, shape: tuple[int, int]) -> NDArray[np.float64]:
    """The shift of each quarter, right and down, in cells: the peaks of their phase correlations.

    Shape (4, 2).
    """
    products = after * before.conj()
    sizes = np.abs(products)
    strongest = sizes.max(axis=(1, 2), keepdims=True)
    shifts = []
    for likeness in np.fft.irfft2(products / (sizes + _FLOOR * strongest + 1e-9), shape):
        row, column = divmod(int(likeness.argmax()), shape[1])
        shifts.append((_peak(likeness[row], column), _peak(likeness[:, column], row)))
    return np.array(shifts)


def _peak(likeness: NDArray[np.float64], place: int) -> float:
    """The place of the maximum between cells: the vertex of a parabola through three of them.

    Places are cyclic: those beyond the middle are negative shifts.
    """
    length = len(likeness)
    before, largest, after = likeness[place - 1], likeness[place], likeness[(place + 1) % length]
    bend = before - 2 * largest + after
    fine = place + (float(0.5 * (before - after) / bend) if bend else 0.0)
    return fine - length if fine > length / 2 else fine


def _agreed(shifts: NDArray[np.float64], centres: NDArray[np.float64], side: int) -> Motion:
    """The pan and zoom that the quarters agree upon, or `STILL`.

    `shifts` and `centres` have shape (4, 2) and are in cells of `side` pixels.
    """
    around = centres - centres.mean(axis=0)
    shift = shifts.mean(axis=0)
    zoom = float((around * shifts).sum() / (around * around).sum())
    if np.abs(shifts - shift - zoom * around).max() > MOST_DISAGREEMENT:
        return STILL
    if abs(zoom) > _MOST_ZOOM:
        return STILL
    if np.abs(shift).max() < _LEAST_SHIFT and abs(zoom) < _LEAST_ZOOM:
        return STILL
    right, down = ((shift - zoom * centres.mean(axis=0)) * side).tolist()
    return Motion(1 + zoom, right, down)


@cache
def _window(rows: int, columns: int) -> Means:
    return np.asarray(np.outer(np.hanning(rows), np.hanning(columns)), np.float32)
