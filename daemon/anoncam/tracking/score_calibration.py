"""Make scores comparable: detectors are less sure of small faces, and faces seldom come alone."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from anoncam.detectors.detector import DetectionResult
from anoncam.frames.boxes import Box, Boxes
from anoncam.tracking.parameters import Parameters
from anoncam.tracking.track import Track

Values = NDArray[np.float64]
"""Shape (n,), one for each detection."""


@dataclass(frozen=True)
class CalibratedDetection:
    """One row of `CalibratedDetections`."""

    box: Box
    size: float
    score: float


@dataclass(frozen=True)
class CalibratedDetections:
    """What counts of a result, best score first.

    `boxes` has shape (n, 4) and is in coordinates of the world; `sizes`, square roots of the parts
    of the picture that they take, and `scores`, calibrated ones, have shape (n,).
    """

    boxes: Boxes
    sizes: Values
    scores: Values

    def rows(self) -> Iterator[CalibratedDetection]:
        """One detection after the other."""
        rows = (self.boxes.tolist(), self.sizes.tolist(), self.scores.tolist())
        for (left, top, right, bottom), size, score in zip(*rows, strict=True):
            yield CalibratedDetection((left, top, right, bottom), size, score)


def raw_detections(
    result: DetectionResult, picture_area: float, parameters: Parameters
) -> tuple[Boxes, Values, Values]:
    """Boxes, sizes and scores of what may count of a result; `picture_area` is in pixels."""
    rows = result.detections[result.detections[:, 4] >= parameters.least_score].astype(np.float64)
    sizes = np.sqrt(rows[:, 2] * rows[:, 3] / picture_area)
    boxes = rows[:, :4]
    boxes[:, 2:] += boxes[:, :2]
    return boxes, sizes, rows[:, 4]


def calibrate(
    scores: Values, sizes: Values, crowd: NDArray[np.int64], parameters: Parameters
) -> Values:
    """Raise the scores of small faces and of those in a crowd; never lower one, never above 1.

    `sizes` are square roots of the parts of the picture that the boxes take; `crowd` counts other
    faces of like size. All have shape (n,).
    """
    small, smallest = parameters.small_size, parameters.smallest_size
    for_size = np.sqrt(small / np.clip(sizes, smallest, small))
    members = np.minimum(crowd, parameters.max_crowd)
    for_crowd = 1 + parameters.crowd_prior * np.log2(1 + members)
    return np.asarray(np.minimum(1.0, scores * for_size * for_crowd))


def crowd_since(tracks: Iterable[Track], since: int, parameters: Parameters) -> Boxes:
    """The last boxes of tracks of full confidence that were seen at or after `since`.

    A face that was confirmed shortly before counts for itself too: a low detection in its place is
    probably the same face.
    """
    boxes = [
        track.last.box
        for track in tracks
        if track.confidence > parameters.low_confidence and track.last.timestamp >= since
    ]
    return np.array(boxes, np.float64).reshape(-1, 4)


def count_similar(boxes: Boxes, others: Boxes, parameters: Parameters) -> NDArray[np.int64]:
    """How many of the others are of like size, for each box; shape (len(boxes),)."""
    areas, other_areas = ((each[:, 2:] - each[:, :2]).prod(axis=1) for each in (boxes, others))
    larger, smaller = np.maximum.outer(areas, other_areas), np.minimum.outer(areas, other_areas)
    return np.asarray((larger <= parameters.crowd_size_ratio**2 * smaller).sum(axis=1))
