"""What the score of a detection is worth: a detector is less sure of small faces, and faces seldom
come alone.

The constants were chosen by `tools.leakrate`; `docs/evidence.md` says on what, and what they buy.
"""

import numpy as np
from numpy.typing import NDArray

from anoncam.frames.boxes import Boxes

SMALL, SMALLEST = 0.12, 0.03
"""Sizes of a face, as parts of the picture's: below the first, its score is worth more, twice as
much at the second. A small thing taken for a face covers little."""

CROWD_PRIOR = 0.4
"""Parts by which one face of like size makes a score worth more; three make it worth twice that
more. A face that was sure a moment ago counts for itself: what is weak there now is hardly
something else."""

MOST_CROWD = 3

MOST_UNLIKE_CROWD = 1.35
"""Ratio of widths and heights up to which two faces are of like size, as those of one crowd are."""

Values = NDArray[np.float64]
"""Shape (n,), one for each detection."""


def worth(scores: Values, sizes: Values, company: NDArray[np.int64]) -> Values:
    """What scores are worth, never less than they are, and at most 1.

    `sizes` are the square roots of the parts of the picture that the boxes take, `company` counts
    faces of like size.
    """
    for_size = np.sqrt(SMALL / np.clip(sizes, SMALLEST, SMALL))
    for_company = 1 + CROWD_PRIOR * np.log2(1 + np.minimum(company, MOST_CROWD))
    return np.asarray(np.minimum(1.0, scores * for_size * for_company))


def count_similar(boxes: Boxes, others: Boxes) -> NDArray[np.int64]:
    """How many of the others are of like size, for each box."""
    areas, other_areas = ((each[:, 2:] - each[:, :2]).prod(axis=1) for each in (boxes, others))
    larger, smaller = np.maximum.outer(areas, other_areas), np.minimum.outer(areas, other_areas)
    return np.asarray((larger <= MOST_UNLIKE_CROWD**2 * smaller).sum(axis=1))
