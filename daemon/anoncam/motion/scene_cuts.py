"""Scene cuts in files. Live cameras have none: there, a switched light would look like a cut."""

import math
from dataclasses import dataclass

import numpy as np

from anoncam.clock import NANOSECONDS
from anoncam.frames.boxes import Box, grown
from anoncam.motion.cells import Cells, Means

LEAST_CHANGE = 28.0
"""Mean change of luma (0 to 255) from one frame to the next from which a cut is possible."""

LEAST_RATIO = 3.0
"""Times that a cut changes more than the frame before it did: fast motion changes all frames."""

MOST_LIKENESS = 0.5
"""Correlation of the two pictures up to which there is a cut: in a flash, what was bright stays
bright."""

LASTING = round(0.4 * NANOSECONDS)
"""Nanoseconds after which a scene that has not come back is replaced: a flash is over by then. They
are fewer than the default look-ahead, so this is known before a frame after the cut leaves."""

MOST_SHARED_DETAIL = 0.3
"""Correlation of the detail in and around a box up to which a cut has replaced it. Of 208 faces at
cuts of the pan-and-zoom clips, nine in ten are below; of faces a tenth of a second apart in one
scene, none is."""

_AROUND = 0.5
"""Parts of its size by which a box is extended on every side, to compare what is around it."""

_FEWEST = 10
"""Cells across and down that are compared at least: fewer resemble each other by chance."""

_MOST_SHIFT = 3
"""Cells by which something that stays may have moved."""

_COARSE = 3
"""Cells on a side of the square whose mean is subtracted to leave the detail: light changes."""

_FLAT, _FLAT_DETAIL = 4.0, 1.0
"""Standard deviations of luma and of its detail below which a picture shows only noise."""


@dataclass(frozen=True)
class Replacement:
    """A scene that another one has replaced for good.

    `before` is its last picture, `after` the first one of the next scene, which is of `timestamp`.
    `since` is when the replaced scene began, as far as is known.
    """

    since: int
    timestamp: int
    before: Cells
    after: Cells

    def replaces(self, box: Box) -> bool:
        """Whether the next scene certainly shows something else in and around `box` (pixels)."""
        place = _around(box, self.before)
        return (
            _shared_detail(*(_detail(cells.means[place]) for cells in (self.before, self.after)))
            <= MOST_SHARED_DETAIL
        )


@dataclass(frozen=True)
class Scene:
    """Whether a scene begins with a picture, and which scene before it is now replaced for good."""

    begins: bool = False
    gone: Replacement | None = None


SAME_SCENE = Scene()


class SceneCuts:
    """Watches the cells of each frame.

    In doubt it reports no cut, or no replaced scene: either only covers faces for longer.
    """

    def __init__(self) -> None:
        self._before: Cells | None = None
        self._change = math.inf
        self._last_cut = 0
        self._pending: Replacement | None = None

    def watch(self, cells: Cells, timestamp: int) -> Scene:
        """Whether this picture, later than all before it, begins or replaces a scene."""
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
            # The scene before has come back, or the cut follows so fast that it may be a flash.
            self._pending = None
        elif timestamp - pending.timestamp >= LASTING:
            self._pending = None
            return pending
        return None


def _around(box: Box, cells: Cells) -> tuple[slice, slice]:
    """The rows and columns of cells in and around a box (pixels)."""
    left, top, right, bottom = (edge / cells.side for edge in grown(box, _AROUND))
    rows, columns = cells.means.shape
    return _span(top, bottom, rows), _span(left, right, columns)


def _span(low: float, high: float, size: int) -> slice:
    """From `low` to `high`, but at least `_FEWEST` cells around their middle, within `size`."""
    length = min(size, max(_FEWEST, round(high - low)))
    start = min(max(0, round((low + high - length) / 2)), size - length)
    return slice(start, start + length)


def _detail(means: Means) -> Means:
    """The means without their coarse structure."""
    padded = np.pad(means, _COARSE // 2, mode="edge")
    around = np.lib.stride_tricks.sliding_window_view(padded, (_COARSE, _COARSE)).mean(axis=(2, 3))
    return np.asarray(means - around)


def _shared_detail(before: Means, after: Means) -> float:
    """The correlation of two details at the shift where it is largest."""
    before, after = before - before.mean(), after - after.mean()
    deviations = float(before.std()), float(after.std())
    if min(deviations) < _FLAT_DETAIL:
        return 1.0
    shared = np.fft.irfft2(np.fft.rfft2(before).conj() * np.fft.rfft2(after), before.shape)
    shifts = np.arange(-_MOST_SHIFT, _MOST_SHIFT + 1)
    return float(shared[np.ix_(shifts, shifts)].max()) / (
        before.size * deviations[0] * deviations[1]
    )


def _likeness(first: Means, second: Means) -> float:
    """Pearson's correlation of two pictures; 1 where one is flat, as in the glare of a flash."""
    first, second = first - first.mean(), second - second.mean()
    deviations = float(first.std()), float(second.std())
    if min(deviations) < _FLAT:
        return 1.0
    return float((first * second).mean()) / (deviations[0] * deviations[1])
