"""Recorded footage beside the footage that was filmed: which frame is it, and does a face show?"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from watching import likeness, luma

Plane = NDArray[np.uint8]
Box = tuple[int, int, int, int]

_SHOWS = 0.6
"""The likeness from which on a face counts as shown; a covered one is near 0, a clear one near 1."""


@dataclass(frozen=True)
class Compared:
    """How many frames and faces there were, how many of them were clear outside the faces, and which faces showed."""

    frames: int
    sharp: int
    faces: int
    shown: tuple[str, ...]


def compare(segments: Iterable[Path], clear: Sequence[Plane], faces: Sequence[Sequence[Box]]) -> Compared:
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
            sharp += bool(np.abs(clear[index].astype(int) - frame)[: len(frame) // 9].mean() < 12)
            for box in faces[index]:
                count += 1
                alike = likeness(clear[index], frame, box)
                if abs(alike) >= _SHOWS:
                    shown.append(f"{segment.name}, frame {number}, {box}: {alike:.2f}")
    return Compared(frames, sharp, count, tuple(shown))


def _small(plane: Plane) -> NDArray[np.float64]:
    rows, columns = (side // 20 * 20 for side in plane.shape)
    squares = plane[:rows, :columns].reshape(rows // 20, 20, columns // 20, 20)
    return np.asarray(squares.mean(axis=(1, 3)))
