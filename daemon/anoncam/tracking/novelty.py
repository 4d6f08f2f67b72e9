"""Tells whether something new has come into view, for results to come more often."""

import numpy as np

from anoncam.config.schema import CoverageSettings
from anoncam.detectors.detector import DetectionResult
from anoncam.frames.boxes import Boxes, overlaps
from anoncam.frames.chunk import chunk_of
from anoncam.tracking.parameters import parameters_of
from anoncam.tracking.score_calibration import calibrate, count_similar, raw_detections

_NOTHING: Boxes = np.empty((0, 4))


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
        self._before = (0, _NOTHING)
        self.configure(settings)

    def configure(self, settings: CoverageSettings) -> None:
        """Take other settings, from the next result on."""
        self._parameters = parameters_of(settings)

    def is_new(self, result: DetectionResult) -> bool:
        """Whether something is probably a face where the result before had nothing that was."""
        parameters = self._parameters
        timestamp, before = self._before
        if chunk_of(timestamp) != chunk_of(result.timestamp):
            before = _NOTHING
        boxes, sizes, scores = raw_detections(result, self.picture_area, parameters)
        scores = calibrate(scores, sizes, count_similar(boxes, before, parameters), parameters)
        likely = boxes[scores >= parameters.new_part * parameters.start_threshold]
        if len(likely) > parameters.max_detections:
            # Noise, for which all is veiled anyway: more results would not help.
            likely = _NOTHING
        self._before = (result.timestamp, likely)
        if not len(likely) or not len(before):
            return len(likely) > 0
        return bool((overlaps(likely, before).max(axis=1) < parameters.least_overlap).any())
