"""Whether a face can still be found in finished footage: slower and more thoroughly than the daemon
looked.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from anoncam.frames.boxes import Box

Thumbnail = NDArray[np.uint8]
"""RGB of shape (side, side, 3)."""


@dataclass(frozen=True)
class Finding:
    """What looks like one face for a while.

    `first` and `last` are the seconds from the file's first picture between which it was seen,
    `sightings` in how many examined pictures; `score` (0 to 1), `at` (seconds) and `box` (pixels of
    the stored picture) are those of the surest one, which `thumbnail` shows.
    """

    file: Path
    first: float
    last: float
    sightings: int
    score: float
    at: float
    box: Box
    thumbnail: Thumbnail
