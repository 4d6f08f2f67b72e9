"""Scene cuts in files. A live camera has none: what looks like one there is a light switched."""

import math

import numpy as np
from numpy.typing import NDArray

from anoncam.frame import Picture

LEAST_CHANGE = 28.0
"""Mean change of luma, of 255, from one frame to the next, from which a cut is possible."""

LEAST_RATIO = 3.0
"""A cut also changes this many times more than the frame before it did, which fast motion does not."""

MOST_LIKENESS = 0.5
"""A cut also leaves no more correlation than this: a flash changes much, but what was bright stays bright."""

_LATTICE = 48

_FLAT = 4.0
"""Standard deviation of luma below which a picture shows nothing but noise."""


class SceneCuts:
    """Watches a small lattice of luma samples of each frame.

    In doubt it sees no cut: one that is missed only makes a face be covered for longer.
    """

    def __init__(self) -> None:
        self._before: NDArray[np.float32] | None = None
        self._change = math.inf

    def watch(self, picture: Picture) -> bool:
        """Whether a new scene begins with this picture."""
        height, width = picture.luma.shape
        sample = picture.luma[:: max(1, height // _LATTICE), :: max(1, width // _LATTICE)].astype(np.float32)
        if self._before is None:
            self._before = sample
            return False
        change = float(np.abs(sample - self._before).mean())
        is_cut = (
            change >= LEAST_CHANGE
            and change >= LEAST_RATIO * self._change
            and _likeness(sample, self._before) <= MOST_LIKENESS
        )
        self._before, self._change = sample, change
        return is_cut


def _likeness(first: NDArray[np.float32], second: NDArray[np.float32]) -> float:
    """Pearson's correlation; 1 where one picture is flat, as in the glare of a flash."""
    first, second = first - first.mean(), second - second.mean()
    deviations = float(first.std()), float(second.std())
    if min(deviations) < _FLAT:
        return 1.0
    return float((first * second).mean()) / (deviations[0] * deviations[1])
