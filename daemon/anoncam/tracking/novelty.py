"""Tells whether something new has come into view, for results to come more often."""

import numpy as np
from numpy.typing import NDArray

from anoncam.config.schema import CoverageSettings
from anoncam.detectors.detector import DetectionResult
from anoncam.frames.boxes import Boxes, overlaps
from anoncam.frames.chunk import chunk_of
from anoncam.tracking.parameters import parameters_of
from anoncam.tracking.score_calibration import calibrate


class Novelty:
    """Compares each result with the one before it.

    It knows nothing older, and nothing of another chunk. So what is new in a chunk of a long file
    can be told without the chunks before it. `picture_area` is in pixels.

    >>> novelty = Novelty(CoverageSettings(), picture_area=1280 * 720)
    >>> novelty.is_new(result)
    True
    """

    def __init__(self, settings: CoverageSettings, picture_area: float) -> None:
        self.picture_area = picture_area
        self._before: DetectionResult | None = None
        self.configure(settings)

    def configure(self, settings: CoverageSettings) -> None:
        """Take other settings, from the next result on."""
        self._parameters = parameters_of(settings)

    def is_new(self, result: DetectionResult) -> bool:
        """Whether something is probably a face where the result before had nothing."""
        before, self._before = self._before, result
        parameters, found = self._parameters, result.detections
        rows = found[found[:, 4] >= parameters.least_score].astype(np.float64)
        sizes = np.sqrt(rows[:, 2] * rows[:, 3] / self.picture_area)
        scores = calibrate(rows[:, 4], sizes, np.zeros(len(rows), np.int64), parameters)
        likely = rows[scores >= parameters.new_part * parameters.start_threshold]
        if before is None or chunk_of(before.timestamp) != chunk_of(result.timestamp):
            return len(likely) > 0
        if not len(likely) or not len(before.detections):
            return len(likely) > 0
        shared = overlaps(_boxes(likely), _boxes(before.detections))
        return bool((shared.max(axis=1) < parameters.least_overlap).any())


def _boxes(detections: NDArray[np.floating]) -> Boxes:
    boxes = detections[:, :4].astype(np.float64)
    boxes[:, 2:] += boxes[:, :2]
    return boxes
