"""What a square is filled with."""

import hashlib
import secrets
from collections import OrderedDict
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from anoncam.anonymizer.grid import Edges, Grid

Tones = NDArray[np.uint8]

COARSE_STEP = 32
"""The coarse mean of a box is rounded to levels so far apart, so that it tells little more than the
scene's light."""

COARSE_CENTRES = (112, 122, 134)
"""One level each of Y, U and V. Boxes on portraits have about (112, 116, 142) on average, what has
no colour 128: both lie within one level, so that most faces share it, and grey ones do not fall on
either side of an edge."""

HELD = 24
"""A key keeps its level while the mean is no further from it: more than half a step, so that a mean
that wavers about the edge of two levels neither flickers nor tells, over many frames, what it is
more exactly."""

_KEYS = 512
"""Keys that are remembered, the last ones used."""

LUMA_SPREAD = 22
"""Squares differ from the coarse mean by at most this in luma: enough to read as a grid."""

CHROMA_SPREAD = 6
"""The same for chroma; a larger one makes squares that look like confetti."""

LIGHT = 0.12
"""How far a square's luma is lifted towards white, after the light blur of the reference app."""

_SAMPLES = 24

_TABLE = 32
"""Rows and columns of offsets; a grid with more squares begins again with the first."""

_BYTES = np.arange(256, dtype=np.uint8)
_LIGHTENED = _BYTES + (LIGHT * (255 - _BYTES)).astype(np.uint8)


class SecretTones:
    """Random offsets for each square, the same for a key as long as the process lives, and known to
    nobody.
    """

    def __init__(self, secret: bytes | None = None) -> None:
        self._secret = secret or secrets.token_bytes(32)
        self._table = lru_cache(maxsize=_KEYS)(self._make_table)

    def offsets(self, key: str, grid: Grid) -> NDArray[np.int16]:
        """Shape (rows, columns, 3: Y, U, V); a square has the same ones wherever the picture's
        border cuts its box.
        """
        # Wrapping takes numpy one step for every length of the table, so only what is left of the
        # first goes in.
        first_row, first_column = grid.first_row % _TABLE, grid.first_column % _TABLE
        rows = np.arange(first_row, first_row + len(grid.y_edges) - 1)
        columns = np.arange(first_column, first_column + len(grid.x_edges) - 1)
        return self._table(key).take(rows, axis=0, mode="wrap").take(columns, axis=1, mode="wrap")

    def _make_table(self, key: str) -> NDArray[np.int16]:
        digest = hashlib.shake_256(self._secret + key.encode()).digest(_TABLE * _TABLE * 3)
        uniform = np.frombuffer(digest, np.uint8).reshape(_TABLE, _TABLE, 3).astype(np.int16)
        spread = np.array([LUMA_SPREAD, CHROMA_SPREAD, CHROMA_SPREAD], np.int16)
        return (uniform * (2 * spread + 1) >> 8) - spread


class CoarseMeans:
    """The coarse mean of each key's box, held while the picture's own mean stays near it."""

    def __init__(self) -> None:
        self._levels: OrderedDict[tuple[str, int], int] = OrderedDict()

    def take(self, key: str, number: int, plane: NDArray[np.uint8]) -> int:
        """The level for the part of a plane that the box of `key` covers; `number` is 0, 1 or 2: Y,
        U, V.
        """
        mean = _lattice_mean(plane)
        level = self._levels.pop((key, number), None)
        if level is None or abs(mean - level) > HELD:
            centre = COARSE_CENTRES[number]
            level = (mean - centre + COARSE_STEP // 2) // COARSE_STEP * COARSE_STEP + centre
        self._levels[key, number] = level
        if len(self._levels) > 3 * _KEYS:
            self._levels.popitem(last=False)
        return level


def _lattice_mean(plane: NDArray[np.uint8]) -> int:
    """The mean of a plane's part, of shape (height, width), from a lattice of its samples: any size
    costs the same.
    """
    height, width = plane.shape
    sample = plane[:: max(1, height // _SAMPLES), :: max(1, width // _SAMPLES)]
    return int(sample.sum(dtype=np.uint32)) // sample.size


def square_means(plane: NDArray[np.uint8], x_edges: Edges, y_edges: Edges) -> NDArray[np.int16]:
    """The mean of every square, of shape (rows, columns); the edges are coordinates in `plane`."""
    part = plane[y_edges[0] : y_edges[-1], x_edges[0] : x_edges[-1]]
    lines, columns = np.array(y_edges) - y_edges[0], np.array(x_edges) - x_edges[0]
    # Along the rows first: that way numpy adds up neighbours in memory, in a third of the time.
    strips = np.add.reduceat(part, columns[:-1], axis=1, dtype=np.uint32)
    sums = np.add.reduceat(strips, lines[:-1], axis=0)
    heights = np.diff(np.minimum(lines, part.shape[0]))
    widths = np.diff(np.minimum(columns, part.shape[1]))
    means: NDArray[np.int16] = (sums // np.outer(heights, widths)).astype(np.int16)
    return means


def lighten(tones: NDArray[np.int16]) -> Tones:
    """The tones in the range of bytes, with luma lifted by `LIGHT`."""
    # Looking each tone up is quicker than converting it, and what lies beyond the table is clipped
    # to its ends.
    light = _BYTES.take(tones, mode="clip")
    light[..., 0] = _LIGHTENED.take(tones[..., 0], mode="clip")
    return light
