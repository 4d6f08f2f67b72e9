"""How the camera moves: a pan, a tilt or a zoom moves every face at once, seen or not.

Tracks live in coordinates of the world, in which a face that stands still does so under any pan: so
small faces are joined into one track while the camera moves, and what is held or reached back for
lies where the face is.
"""

from bisect import bisect_right
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from anoncam.clock import NANOSECONDS
from anoncam.frames.boxes import Box, Boxes
from anoncam.motion.cells import Cells, Means

_FEWEST = 16
"""Cells on a side below which a picture says nothing."""

MOST_DISAGREEMENT = 0.75
"""Cells by which a quarter may move otherwise than the camera; above, something else moved, or
nothing is known."""

_LEAST_SHIFT, _LEAST_ZOOM = 0.05, 0.0005
"""Cells, and parts, below which the camera stands still: noise would add up."""

_MOST_ZOOM = 0.2
"""Parts by which no camera zooms within a frame."""

_EVEN = 1e-3
"""Part of the strongest frequency below which one counts less: else noise counts as much as what is
seen."""

_FAR, _FAR_ZOOM = 100_000, 2.0
"""Pixels, and parts, from the origin at which the world gets another one."""

_LATEST = 5 * NANOSECONDS
"""How long after its frame has gone an answer may come."""

Spectra = NDArray[np.complexfloating]
"""Of the four quarters: upper left, upper right, lower left, lower right."""

_CENTRES = np.array([(0.5, 0.5), (1.5, 0.5), (0.5, 1.5), (1.5, 1.5)])
"""Of the quarters, right and down, in parts of one."""


@dataclass(frozen=True)
class Motion:
    """Where a point goes from one picture to the next: `x' = zoom * x + right`, `y' = zoom * y +
    down`, in pixels.
    """

    zoom: float = 1.0
    right: float = 0.0
    down: float = 0.0

    def move(self, box: Box) -> Box:
        """Where a box goes."""
        return (
            box[0] * self.zoom + self.right,
            box[1] * self.zoom + self.down,
            box[2] * self.zoom + self.right,
            box[3] * self.zoom + self.down,
        )


STILL = Motion()


class CameraMotion:
    """Compares the four quarters of each picture with those of the one before.

    In doubt the camera stands still.
    """

    def __init__(self) -> None:
        self._before: Spectra | None = None
        self._shape = (0, 0)

    def watch(self, cells: Cells) -> Motion:
        """How the camera has moved since the picture before."""
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


class CameraPath:
    """Where the camera was at the moment of each frame, and so where in the world a box of it
    lies.
    """

    def __init__(self) -> None:
        self._moments: list[int] = []
        self._poses: list[Motion] = []

    def move(self, timestamp: int, motion: Motion) -> None:
        """The camera has moved so since the frame before."""
        last = self._poses[-1] if self._poses else STILL
        self._moments.append(timestamp)
        self._poses.append(
            Motion(
                motion.zoom * last.zoom,
                motion.zoom * last.right + motion.right,
                motion.zoom * last.down + motion.down,
            )
        )

    def to_world(self, boxes: Boxes, timestamp: int) -> Boxes:
        """Boxes of the picture of that moment, in the world."""
        pose = self._pose(timestamp)
        return np.asarray((boxes - (pose.right, pose.down, pose.right, pose.down)) / pose.zoom)

    def to_picture(self, box: Box, timestamp: int) -> Box:
        """A box of the world, in the picture of that moment."""
        return self._pose(timestamp).move(box)

    def forget(self, before: int) -> None:
        """Drop what no moment from `before` on needs."""
        done = max(0, bisect_right(self._moments, before - _LATEST) - 1)
        del self._moments[:done], self._poses[:done]

    @property
    def is_far(self) -> bool:
        """Whether the oldest pose that is known lies so far from the origin that `begin_again` is
        due.
        """
        first = self._poses[0] if self._poses else STILL
        return (
            not 1 / _FAR_ZOOM < first.zoom < _FAR_ZOOM
            or max(abs(first.right), abs(first.down)) > _FAR
        )

    def begin_again(self) -> Motion:
        """Take the oldest pose that is known as the origin; by what all that is held in the world
        has then to move.

        Motion adds up: a camera that drives on zooms for ever, and numbers of any size lose their
        pixels at last.
        """
        first = self._poses[0] if self._poses else STILL
        if first != STILL:
            self._poses = [
                Motion(
                    zoom := pose.zoom / first.zoom,
                    pose.right - zoom * first.right,
                    pose.down - zoom * first.down,
                )
                for pose in self._poses
            ]
        return first

    def _pose(self, timestamp: int) -> Motion:
        place = bisect_right(self._moments, timestamp)
        return self._poses[max(0, place - 1)] if self._poses else STILL


def _spectra(quarters: Means) -> Spectra:
    return np.fft.rfft2(
        (quarters - quarters.mean(axis=(1, 2), keepdims=True)) * _window(*quarters.shape[1:])
    )


def _shifts(before: Spectra, after: Spectra, shape: tuple[int, int]) -> NDArray[np.float64]:
    """By how many cells, right and down, each quarter has moved: the peak of its phase correlation;
    shape (4, 2).
    """
    products = after * before.conj()
    sizes = np.abs(products)
    strongest = sizes.max(axis=(1, 2), keepdims=True)
    shifts = []
    for likeness in np.fft.irfft2(products / (sizes + _EVEN * strongest + 1e-9), shape):
        row, column = divmod(int(likeness.argmax()), shape[1])
        shifts.append((_peak(likeness[row], column), _peak(likeness[:, column], row)))
    return np.array(shifts)


def _peak(likeness: NDArray[np.float64], place: int) -> float:
    """Where the parabola through the largest value and its neighbours is highest; places go
    round.
    """
    length = len(likeness)
    before, largest, after = likeness[place - 1], likeness[place], likeness[(place + 1) % length]
    bend = before - 2 * largest + after
    fine = place + (float(0.5 * (before - after) / bend) if bend else 0.0)
    return fine - length if fine > length / 2 else fine


def _agreed(shifts: NDArray[np.float64], centres: NDArray[np.float64], side: int) -> Motion:
    """The pan and zoom that the quarters agree upon; `shifts` and `centres` are in cells of `side`
    pixels.
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
