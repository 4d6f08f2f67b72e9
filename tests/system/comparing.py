"""Recorded footage beside the footage that was filmed: which frame is it, and does a face show?"""

import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tests.support.watching import luma

Plane = NDArray[np.uint8]
Box = tuple[int, int, int, int]

_SHOWS = 0.45
"""The likeness from which on a face counts as shown: a covered one has at most 0.2, a clear one at
least 0.55."""

_DETAILS = 24
"""How many steps of brightness are looked at from the top of a face to its bottom, five times as
many as squares."""


@dataclass(frozen=True)
class Compared:
    """How many frames and faces there were, how many of them were clear outside the faces, and
    which faces showed."""

    frames: int
    sharp: int
    faces: int
    shown: tuple[str, ...]


def compare(
    segments: Iterable[Path], clear: Sequence[Plane], faces: Sequence[Sequence[Box]]
) -> Compared:
    """Compare each recorded frame with the filmed one that it resembles most.

    `clear` are the luma planes of the film, `faces` the labelled faces in each.
    """
    small = np.stack([_small(plane) for plane in clear])
    frames = sharp = count = 0
    shown = []
    for segment in segments:
        for number, frame in enumerate(luma(segment)):
            index = int(np.abs(small - _small(frame)).mean(axis=(1, 2)).argmin())
            frames += 1
            sharp += _is_sharp(clear[index], frame)
            for box in faces[index]:
                count += 1
                alike = _likeness(clear[index], frame, box)
                if abs(alike) >= _SHOWS:
                    shown.append(f"{segment.name}, frame {number}, {box}: {alike:.2f}")
    return Compared(frames, sharp, count, tuple(shown))


def _is_sharp(first: Plane, second: Plane) -> bool:
    """Whether most corners are the same: a veil changes all four, a covered face seldom two."""
    rows, columns = (length // 6 for length in first.shape)
    change = np.abs(first.astype(int) - second)
    down, across = (slice(rows), slice(-rows, None)), (slice(columns), slice(-columns, None))
    corners = [change[part] for part in itertools.product(down, across)]
    return sum(float(corner.mean()) < 8 for corner in corners) > 2


def _likeness(first: Plane, second: Plane, box: Box) -> float:
    """The correlation of the details inside the middle of the box: tones that are alike are no
    face, edges are."""
    left, top, right, bottom = box
    across, down = (right - left) // 5, (bottom - top) // 5
    window = np.s_[max(top + down, 0) : bottom - down, max(left + across, 0) : right - across]
    a, b = _details(first[window]), _details(second[window])
    scale = float(np.sqrt((a * a).sum() * (b * b).sum()))
    return float((a * b).sum()) / scale if scale else 0.0


def _details(plane: Plane) -> NDArray[np.float64]:
    step = max(1, plane.shape[0] // _DETAILS)
    coarse = _squares(plane, step)
    return np.concatenate([np.diff(coarse, axis=0).ravel(), np.diff(coarse, axis=1).ravel()])


def _small(plane: Plane) -> NDArray[np.float64]:
    return _squares(plane, 20)


def _squares(plane: Plane, side: int) -> NDArray[np.float64]:
    """The means of its squares."""
    rows, columns = (length // side for length in plane.shape)
    squares = plane[: rows * side, : columns * side].reshape(rows, side, columns, side)
    return np.asarray(squares.mean(axis=(1, 3)))
