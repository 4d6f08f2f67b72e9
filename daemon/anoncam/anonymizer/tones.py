"""What a square is filled with."""

import hashlib
import secrets
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from anoncam.anonymizer.grid import Edges, Grid

Tones = NDArray[np.uint8]

COARSE_STEP = 16
"""The coarse mean of a box is rounded to multiples of this, so that it tells little more than the scene's light."""

LUMA_SPREAD = 22
"""Squares differ from the coarse mean by at most this in luma: enough to read as a grid."""

CHROMA_SPREAD = 6
"""The same for chroma; a larger one makes squares that look like confetti."""

LIGHT = 0.12
"""How far a square's luma is lifted towards white, after the light blur of the reference app."""

_SAMPLES = 24


class SecretTones:
    """Random offsets for each square, the same for a key as long as the process lives, and known to nobody."""

    def __init__(self, secret: bytes | None = None) -> None:
        self._secret = secret or secrets.token_bytes(32)
        self.offsets = lru_cache(maxsize=512)(self._offsets)

    def _offsets(self, key: str, columns: int) -> NDArray[np.int16]:
        """Shape (columns, 64 rows, 3 planes); a longer digest continues a shorter one: tones stay as columns grow."""
        digest = hashlib.shake_256(self._secret + key.encode()).digest(columns * 64 * 3)
        uniform = np.frombuffer(digest, np.uint8).reshape(columns, 64, 3).astype(np.int16)
        spread = np.array([LUMA_SPREAD, CHROMA_SPREAD, CHROMA_SPREAD], np.int16)
        return (uniform * (2 * spread + 1) >> 8) - spread


def private(means: NDArray[np.int16], offsets: NDArray[np.int16], grid: Grid) -> NDArray[np.int16]:
    """Tones of shape (rows, columns, 3): the coarse mean of the box plus the secret offset of each square."""
    rows, columns = len(grid.y_edges) - 1, len(grid.x_edges) - 1
    # The same squares of a key keep their offsets wherever the border of the picture cuts the box.
    row_numbers = (np.arange(rows) + grid.first_row) % 64
    chosen = offsets[grid.first_column : grid.first_column + columns, row_numbers]
    tones: NDArray[np.int16] = np.add(means, chosen.transpose(1, 0, 2), dtype=np.int16)
    return tones


def coarse_mean(plane: NDArray[np.uint8]) -> int:
    """The mean of a plane's part, from a lattice of its samples, rounded to `COARSE_STEP`.

    Shape (height, width); the lattice makes the cost independent of the size.
    """
    height, width = plane.shape
    sample = plane[:: max(1, height // _SAMPLES), :: max(1, width // _SAMPLES)]
    mean = int(sample.sum(dtype=np.int64)) // sample.size
    return (mean + COARSE_STEP // 2) // COARSE_STEP * COARSE_STEP


def square_means(plane: NDArray[np.uint8], x_edges: Edges, y_edges: Edges) -> NDArray[np.int16]:
    """The mean of every square, of shape (rows, columns)."""
    part = plane[y_edges[0] : y_edges[-1], x_edges[0] : x_edges[-1]]
    bands = np.add.reduceat(part, y_edges[:-1] - y_edges[0], axis=0, dtype=np.uint32)
    sums = np.add.reduceat(bands, x_edges[:-1] - x_edges[0], axis=1)
    heights = np.diff(np.minimum(y_edges, plane.shape[0]))
    widths = np.diff(np.minimum(x_edges, plane.shape[1]))
    means: NDArray[np.int16] = (sums // np.outer(heights, widths)).astype(np.int16)
    return means


def lighten(tones: NDArray[np.int16]) -> Tones:
    """The tones with luma lifted by `LIGHT`, in the range of bytes."""
    tones[..., 0] += ((255 - tones[..., 0]) * LIGHT).astype(np.int16)
    return np.clip(tones, 0, 255).astype(np.uint8)
