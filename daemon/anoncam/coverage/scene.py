"""Scene cuts in files. A live camera has none: what looks like one there is a light switched."""

import numpy as np
from numpy.typing import NDArray

from anoncam.frame import Picture

LEAST_CHANGE = 28.0
"""Mean change of luma, of 255, from one frame to the next, from which a cut is possible."""

LEAST_RATIO = 3.0
"""A cut also changes this many times more than the frame before it did, which fast motion does not."""

_LATTICE = 48


class SceneCuts:
    """Watches a small lattice of luma samples of each frame."""

    def __init__(self) -> None:
        self._before: NDArray[np.int16] | None = None
        self._change = 0.0

    def watch(self, picture: Picture) -> bool:
        """Whether a new scene begins with this picture."""
        height, width = picture.luma.shape
        sample = picture.luma[:: max(1, height // _LATTICE), :: max(1, width // _LATTICE)].astype(np.int16)
        if self._before is None:
            self._before = sample
            return False
        change = float(np.abs(sample - self._before).mean())
        is_cut = change >= LEAST_CHANGE and change >= LEAST_RATIO * self._change
        self._before, self._change = sample, change
        return is_cut
