"""Results as a detector gives them, trackers that were fed with them, and what these cover."""

from dataclasses import replace

import numpy as np

from anoncam.clock import NANOSECONDS
from anoncam.config.schema import CoverageSettings
from anoncam.detectors.detector import DetectionResult
from anoncam.frames.boxes import Box
from anoncam.tracking.parameters import parameters_of
from anoncam.tracking.tracker import Tracker

MILLISECOND = NANOSECONDS // 1000
HIGH, LOW, NONE = 0.9, 0.3, 0.1
"""Scores at or above the start threshold, between the two thresholds, and below both."""
PICTURE = 1e5
"""Pixels: so few that a face of 40x40 is not small, and its score is not raised."""
SETTINGS = CoverageSettings(
    start_threshold=0.5, keep_threshold=0.2, look_ahead=0.5, persistence=1.0
)
PARAMETERS = parameters_of(SETTINGS)

_EPSILON = 1e-9


def result(time: int, *faces: tuple[Box, float]) -> DetectionResult:
    """A complete result for `time`, in milliseconds."""
    rows = [
        (left, top, right - left, bottom - top, score)
        for (left, top, right, bottom), score in faces
    ]
    return DetectionResult(
        time * MILLISECOND, np.array(rows, np.float32).reshape(-1, 5), True, 0.01
    )


def tracker_of(
    *results: DetectionResult, settings: CoverageSettings = SETTINGS, moments: bool = False
) -> Tracker:
    """A tracker after these results; without `moments`, it covers what is confirmed alone."""
    tracker = Tracker(settings)
    tracker.picture_area = PICTURE
    if not moments:
        tracker._parameters = replace(tracker._parameters, moment_part=1.0)
    for each in results:
        tracker.add_result(each)
    return tracker


def tracker_of_scores(
    *scores: float, gap: int = 100, size: float = 40, picture: float = PICTURE
) -> Tracker:
    """A tracker that has seen one face with these scores, in a picture of so many pixels."""
    tracker = tracker_of()
    tracker.picture_area = picture
    for step, score in enumerate(scores):
        tracker.add_result(result(1000 + gap * step, (at(100, size=size), score)))
    return tracker


def boxes(tracker: Tracker, time: int) -> list[Box]:
    """What is covered at `time`, in milliseconds."""
    return [cover.box for cover in tracker.coverage(time * MILLISECOND)]


def contains(outer: Box, inner: Box) -> bool:
    """But for what floating point leaves."""
    return (
        outer[0] <= inner[0] + _EPSILON
        and outer[1] <= inner[1] + _EPSILON
        and outer[2] >= inner[2] - _EPSILON
        and outer[3] >= inner[3] - _EPSILON
    )


def is_covered(tracker: Tracker, time: int, box: Box) -> bool:
    return any(contains(covered, box) for covered in boxes(tracker, time))


def overlap(first: Box, second: Box) -> float:
    width = min(first[2], second[2]) - max(first[0], second[0])
    height = min(first[3], second[3]) - max(first[1], second[1])
    shared = max(0.0, width) * max(0.0, height)
    areas = sum((box[2] - box[0]) * (box[3] - box[1]) for box in (first, second))
    return shared / (areas - shared)


def at(x: float, y: float = 100, size: float = 40) -> Box:
    """A square box."""
    return x, y, x + size, y + size
