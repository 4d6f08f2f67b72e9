"""The area that a threshold covers although no face is there."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from anoncam.detectors.detector import Detections
from tools.dataset.dataset import LabelledPicture


def falsely_covered(
    pictures: Sequence[LabelledPicture], found: Sequence[Detections], threshold: float
) -> float:
    """The part of all pixels that detections of at least `threshold` cover outside every face."""
    false = total = 0
    for labelled, detections in zip(pictures, found, strict=True):
        mask = np.zeros((labelled.height, labelled.width), bool)
        for box in detections[detections[:, 4] >= threshold]:
            _paint(mask, box, True)
        for box in labelled.boxes:
            _paint(mask, box, False)
        false, total = false + int(mask.sum()), total + mask.size
    return false / max(1, total)


def _paint(mask: NDArray[np.bool_], box: NDArray[np.float32], value: bool) -> None:
    left, top, width, height = (float(side) for side in box[:4])
    rows = slice(max(0, int(top)), max(0, int(np.ceil(top + height))))
    mask[rows, max(0, int(left)) : max(0, int(np.ceil(left + width)))] = value
