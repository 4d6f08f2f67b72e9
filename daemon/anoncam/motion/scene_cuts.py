"""Scene cuts in files. A live camera has none: what looks like one there is a light switched."""

import math
from dataclasses import dataclass

import numpy as np

from anoncam.clock import NANOSECONDS
from anoncam.frames.boxes import Box, grown
from anoncam.motion.cells import Cells, Means

LEAST_CHANGE = 28.0
"""Mean change of luma, of 255, from one frame to the next, from which a cut is possible."""

LEAST_RATIO = 3.0
"""A cut also changes this many times more than the frame before it did, which fast motion does
not."""

MOST_LIKENESS = 0.5
"""A cut also leaves no more correlation than this: a flash changes much, but what was bright stays
bright."""

LASTING = round(0.4 * NANOSECONDS)
"""How long the scene before must stay away to have gone for good: a flash is over by then, and this
is still within the default look-ahead, so that it is known before the first frame after the cut
leaves."""

MOST_LEFT = 0.3
"""Correlation of the detail in and around a box up to which a cut has replaced it. Over 208 faces
at cuts of the pan-and-zoom clips, nine in ten lie below; of faces a tenth of a second apart in one
scene, none does."""

_AROUND = 0.5
"""Parts of a box that count as around it, on every side."""

_FEWEST = 10
"""Cells across and down that are compared at least; fewer resemble each other by chance."""

_MOVED = 3
"""Cells by which what stays may have moved."""

_COARSE = 3
"""Cells on a side whose mean is taken off to leave the detail: the light may differ."""

_FLAT, _FLAT_DETAIL = 4.0, 1.0
"""Standard deviations of luma, and of its detail, below which a picture shows nothing but noise."""


@dataclass(frozen=True)
class Replacement:
    """A scene that has gone for good: its last picture, and the first one of the next scene, which
    is of `timestamp`.

    `since` is when it began, as far as is known: what was seen earlier was seen in another scene.
    """

    since: int
    timestamp: int
    before: Cells
    after: Cells

    def replaces(self, box: Box) -> bool:
        """Whether what is in and around `box`, in pixels, is certainly another picture than
        before.
        """
        place = _around(box, self.before)
        return (
            _left(*(_detail(cells.means[place]) for cells in (self.before, self.after)))
            <= MOST_LEFT
        )


@dataclass(frozen=True)
class Scene:
    """What a picture tells of scenes: whether one begins with it, and which one has gone for good
    by now.
    """

    begins: bool = False
    gone: Replacement | None = None


SAME_SCENE = Scene()


class SceneCuts:
    """Watches the cells of each frame.

    In doubt it sees no cut, or one after which the scene before may come back: either only makes a
    face be covered for longer.
    """

    def __init__(self) -> None:
        self._before: Cells | None = None
        self._change = math.inf
        self._last_cut = 0
        self._pending: Replacement | None = None

    def watch(self, cells: Cells, timestamp: int) -> Scene:
        """What this picture, later than all before it, tells of scenes."""
        before, self._before = self._before, cells
        if before is None or before.means.shape != cells.means.shape:
            self._pending = None
            return SAME_SCENE
        change = float(np.abs(cells.means - before.means).mean())
        is_cut = (
            change >= LEAST_CHANGE
            and change >= LEAST_RATIO * self._change
            and _likeness(cells.means, before.means) <= MOST_LIKENESS
        )
        self._change = change
        gone = self._gone(cells, timestamp, is_cut=is_cut)
        if is_cut:
            self._pending = Replacement(self._last_cut, timestamp, before, cells)
            self._last_cut = timestamp
        return Scene(is_cut, gone)

    def _gone(self, cells: Cells, timestamp: int, *, is_cut: bool) -> Replacement | None:
        pending = self._pending
        if pending is None:
            return None
        if is_cut or _likeness(cells.means, pending.before.means) > MOST_LIKENESS:
            # Of cuts that follow so fast, each may be the end of a flash.
            self._pending = None
        elif timestamp - pending.timestamp >= LASTING:
            self._pending = None
            return pending
        return None


def _around(box: Box, cells: Cells) -> tuple[slice, slice]:
    """The rows and columns of cells in and around a box."""
    left, top, right, bottom = (edge / cells.side for edge in grown(box, _AROUND))
    rows, columns = cells.means.shape
    return _span(top, bottom, rows), _span(left, right, columns)


def _span(low: float, high: float, size: int) -> slice:
    """From `low` to `high`, or as far around their middle as it takes, within 0 to `size`."""
    length = min(size, max(_FEWEST, round(high - low)))
    start = min(max(0, round((low + high - length) / 2)), size - length)
    return slice(start, start + length)


def _detail(means: Means) -> Means:
    """The means without what changes slowly."""
    padded = np.pad(means, _COARSE // 2, mode="edge")
    around = np.lib.stride_tricks.sliding_window_view(padded, (_COARSE, _COARSE)).mean(axis=(2, 3))
    return np.asarray(means - around)


def _left(before: Means, after: Means) -> float:
    """How much of one detail there is in the other, as `_likeness` tells, though it may have moved
    a little.
    """
    before, after = before - before.mean(), after - after.mean()
    deviations = float(before.std()), float(after.std())
    if min(deviations) < _FLAT_DETAIL:
        return 1.0
    shared = np.fft.irfft2(np.fft.rfft2(before).conj() * np.fft.rfft2(after), before.shape)
    near = np.arange(-_MOVED, _MOVED + 1)
    return float(shared[np.ix_(near, near)].max()) / (before.size * deviations[0] * deviations[1])


def _likeness(first: Means, second: Means) -> float:
    """Pearson's correlation; 1 where one picture is flat, as in the glare of a flash."""
    first, second = first - first.mean(), second - second.mean()
    deviations = float(first.std()), float(second.std())
    if min(deviations) < _FLAT:
        return 1.0
    return float((first * second).mean()) / (deviations[0] * deviations[1])
