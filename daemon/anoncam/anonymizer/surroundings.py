"""The tones that can be seen around the boxes of a frame, and in the whole of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from anoncam.anonymizer.grid import Grid
from anoncam.anonymizer.planes import planes
from anoncam.anonymizer.visible import Blocks
from anoncam.frames.frame import Frame

Floats = NDArray[np.float64]
Indices = NDArray[np.intp]

GREY = 128.0
"""Y, U and V of a scene of which nothing is visible."""

REACH = 0.1
"""How far around a box samples are taken, in parts of its width and height together.

That is about one square. Nearer to the box, hair and collars alone would decide."""

FEW = 4
"""How many samples the substitute for missing samples counts as.

A side with few visible samples leans on the other sides, a box with few on the scene, and a scene
with few on grey. No tone jumps when samples appear or vanish."""

_SCENE = 24
"""Rows and columns of the samples over the whole picture."""

_ALONG, _AWAY = (
    each.ravel() for each in np.meshgrid((np.arange(8) + 0.5) / 8, np.array([1, 3, 5]) / 6)
)
"""Where the 24 samples of a side lie: along it, in parts of its length, and away from the box, in
parts of the reach."""

# For the left, the top, the right and the bottom: the place in parts of the box, and the way out
# of it in parts of the reach.
_ACROSS = np.stack([0 * _ALONG, _ALONG, 0 * _ALONG + 1, _ALONG])
_DOWN = np.stack([_ALONG, 0 * _ALONG, _ALONG, 0 * _ALONG + 1])
_OUT_ACROSS = np.stack([-_AWAY, 0 * _AWAY, _AWAY, 0 * _AWAY])
_OUT_DOWN = np.stack([0 * _AWAY, -_AWAY, 0 * _AWAY, _AWAY])


@dataclass(frozen=True)
class Surroundings:
    """What can be seen around each box, in their order; the last element is the whole scene.

    `sides` has shape (boxes + 1, 4, 3): Y, U and V at the left, top, right and bottom. `seen` has
    shape (boxes + 1,): the number of visible samples.
    """

    sides: Floats
    seen: Floats


def look_around(frame: Frame, grids: Sequence[Grid], visible: Blocks) -> Surroundings:
    """Sample `visible` blocks of 2x2 pixels around each grid and on a lattice over the picture."""
    places = _around(grids, *visible.shape), _lattice(*visible.shape)
    x, y = (np.concatenate([each.ravel() for each in axis]) for axis in zip(*places, strict=True))
    luma, first, second = planes(frame)
    seen = visible[y, x]
    # Y, U, V and a one for each sample, and zeros where it is not visible.
    samples = np.stack([luma[2 * y, 2 * x], first[y, x], second[y, x], np.ones_like(seen)]) * seen
    around = samples[:, : places[0][0].size].reshape(4, len(grids), 4, _ALONG.size)
    sides = around.sum(axis=-1, dtype=float)
    boxes, everywhere = sides.sum(axis=-1), samples[:, around[0].size :].sum(axis=-1, dtype=float)
    scene = _lean(everywhere, np.full(3, GREY))
    means = _lean(sides, _lean(boxes, scene[:, None])[..., None])
    return Surroundings(
        np.concatenate([means.transpose(1, 2, 0), np.broadcast_to(scene, (1, 4, 3))]),
        np.append(boxes[3], everywhere[3]),
    )


@lru_cache
def _lattice(rows: int, columns: int) -> tuple[Indices, Indices]:
    """The columns and rows of blocks that are spread over the whole picture."""
    x, y = (
        np.linspace(0, length - 1, min(length, _SCENE)).astype(np.intp)
        for length in (columns, rows)
    )
    across, down = np.meshgrid(x, y)
    return across, down


def _around(grids: Sequence[Grid], rows: int, columns: int) -> tuple[Indices, Indices]:
    """The columns and rows of the blocks to sample, each of shape (boxes, 4, 24).

    A place outside of the picture becomes the nearest one inside.
    """
    corners = [(g.x_edges[0], g.y_edges[0], g.x_edges[-1], g.y_edges[-1]) for g in grids]
    left, top, right, bottom = np.array(corners, float).reshape(-1, 4).T[..., None, None]
    width, height = right - left, bottom - top
    reach = REACH * (width + height)
    x = left + width * _ACROSS + reach * _OUT_ACROSS
    y = top + height * _DOWN + reach * _OUT_DOWN
    # A block is two pixels wide. Rounding down keeps a place before a box before it.
    return (
        np.floor(x / 2).clip(0, columns - 1).astype(np.intp),
        np.floor(y / 2).clip(0, rows - 1).astype(np.intp),
    )


def _lean(sums: Floats, substitute: Floats) -> Floats:
    """Means of shape (3, ...) from sums of Y, U, V and ones, of shape (4, ...).

    The substitute counts as `FEW` more samples.
    """
    means: Floats = (sums[:3] + FEW * substitute) / (sums[3] + FEW)
    return means
