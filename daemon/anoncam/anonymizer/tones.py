"""The tones of squares, from what is visible around their box and from a secret."""

import hashlib
import secrets
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from anoncam.anonymizer.grid import Grid

Tones = NDArray[np.uint8]
"""Shape (rows, columns, 3): Y, U and V of every square."""

Sides = NDArray[np.float64]
"""Shape (4, 3): Y, U and V at the left, top, right and bottom of a box."""

Offsets = NDArray[np.float32]
"""Shape (rows, columns, 3): three numbers from -1 to 1 for every square."""

KEYS = 512
"""How many keys are remembered, the last ones used."""

LIGHT = 0.22
"""How far luma is lifted, in parts of its room. The room is about 64 levels in the middle grey, and
none in black and in white."""

CONTRAST = 0.2
"""How far the luma of a square may be from its base, in parts of its room."""

LEAST_CONTRAST = 4
"""Levels on top of that contrast, so that squares can be seen in the dark too."""

SATURATION = 0.3
"""By what part the lightest squares are paler than their base, and the darkest ones deeper."""

HUE = 0.04
"""How far U and V may also be from their base, in parts of luma's room. With more, the squares are
too colourful."""

NEARNESS = 1.5
"""The weight of a side for a square is its nearness to this power. Outer squares take the tone of
their side, inner ones a mean of all sides."""

_NEUTRAL = 128
_TABLE = 32
"""Rows and columns of offsets; a grid with more squares begins again with the first."""


class SecretOffsets:
    """Random offsets for each square, constant for a key. No other process knows them.

    `secret` replaces the random one, for tests.
    """

    def __init__(self, secret: bytes | None = None) -> None:
        self._secret = secret or secrets.token_bytes(32)
        self._table = lru_cache(maxsize=KEYS)(self._make_table)

    def of(self, key: str, grid: Grid) -> Offsets:
        """Offsets (rows, columns, 3) from -1 to 1; a square keeps its own where the border cuts."""
        rows, columns = grid.shape
        table = self._table(key)
        first_row, first_column = grid.first_row % _TABLE, grid.first_column % _TABLE
        if first_row + rows > _TABLE or first_column + columns > _TABLE:
            table = table.take(np.arange(first_row, first_row + rows), axis=0, mode="wrap")
            wrapped = np.arange(first_column, first_column + columns)
            return table.take(wrapped, axis=1, mode="wrap")
        return table[first_row : first_row + rows, first_column : first_column + columns]

    def _make_table(self, key: str) -> Offsets:
        digest = hashlib.shake_256(self._secret + key.encode()).digest(_TABLE * _TABLE * 3)
        numbers = np.frombuffer(digest, np.uint8).reshape(_TABLE, _TABLE, 3)
        return numbers.astype(np.float32) / np.float32(127.5) - 1


def private_tones(sides: Sides, offsets: Offsets) -> Tones:
    """Tones (rows, columns, 3) that pass from side to side of the box, each with its own offset."""
    rows, columns, _ = offsets.shape
    (_, u, v), room = _mean(sides)
    # What the three offsets of a square add to its Y, U and V.
    effects = np.array(
        [
            [
                CONTRAST * room + LEAST_CONTRAST,
                SATURATION * (_NEUTRAL - u),
                SATURATION * (_NEUTRAL - v),
            ],
            [0, HUE * room, 0],
            [0, 0, HUE * room],
        ]
    )
    base = _weights(rows, columns) @ (sides + np.array([LIGHT * room, 0, 0]))
    tones = base + offsets.reshape(-1, 3) @ effects
    return _to_bytes(tones).reshape(rows, columns, 3)


def solid_tones(sides: Sides, rows: int, columns: int) -> Tones:
    """One tone for all squares (rows, columns, 3): the lightened mean of the four sides."""
    (y, u, v), room = _mean(sides)
    tone = _to_bytes(np.array([y + LIGHT * room, u, v]))
    return np.broadcast_to(tone, (rows, columns, 3))


def _mean(sides: Sides) -> tuple[list[float], float]:
    """The mean tone, and the room of its luma: how much it may change and still fit the scene.

    The room is 64 for the middle grey, and 0 for black and for white.
    """
    mean = (sides.sum(axis=0) / len(sides)).tolist()
    return mean, mean[0] * (255 - mean[0]) / 255


def _to_bytes(tones: NDArray[np.float64]) -> NDArray[np.uint8]:
    # np.clip would take three times as long for so few numbers.
    return np.minimum(np.maximum(tones, 0), 255).astype(np.uint8)


@lru_cache(maxsize=64)
def _weights(rows: int, columns: int) -> NDArray[np.float64]:
    """How much each side counts for each square, of shape (squares, 4)."""
    down, across = np.meshgrid(
        (np.arange(rows) + 0.5) / rows, (np.arange(columns) + 0.5) / columns, indexing="ij"
    )
    distances = np.stack([across, down, 1 - across, 1 - down], axis=-1).reshape(-1, 4)
    nearness = distances**-NEARNESS
    weights: NDArray[np.float64] = nearness / nearness.sum(axis=1, keepdims=True)
    return weights
