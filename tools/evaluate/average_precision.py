"""Average precision by the protocol of WIDER FACE, over difficulties and over face heights.

Yang et al., "WIDER FACE: A Face Detection Benchmark" (2016), and its evaluation program. A
detection takes the face that it overlaps most, if the overlap is at least 0.5. A detection of a
face outside the set counts neither as right nor as wrong.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from anoncam.detectors.detector import Detections
from tools.dataset.dataset import LabelledPicture

LEAST_OVERLAP = 0.5


SETS = {"easy": ("easy",), "medium": ("easy", "medium"), "hard": ("easy", "medium", "hard")}
"""The difficulties that count in each set."""


HEIGHTS = (12, 20, 32, 64)
"""Least face heights, in pixels of the picture, of the sets that need no difficulties."""


@dataclass(frozen=True)
class Curve:
    """Precision and recall at each threshold of `scores`, highest first, all of one length."""

    scores: NDArray[np.float64]
    precision: NDArray[np.float64]
    recall: NDArray[np.float64]
    faces: int

    @property
    def average_precision(self) -> float:
        """The area below the curve with falling precision, from 0 to 1; NaN without a face."""
        if not self.faces:
            return float("nan")
        recall = np.concatenate([[0.0], self.recall, [1.0]])
        precision = np.concatenate([[0.0], self.precision, [0.0]])
        precision = np.maximum.accumulate(precision[::-1])[::-1]
        return float(np.sum(np.diff(recall) * precision[1:]))

    def recall_at(self, threshold: float) -> float:
        """The part of the faces that detections of at least `threshold` find."""
        above = np.count_nonzero(self.scores >= threshold)
        return float(self.recall[above - 1]) if above else 0.0

    def precision_at(self, threshold: float) -> float:
        """The part of the detections of at least `threshold` that are faces."""
        above = np.count_nonzero(self.scores >= threshold)
        return float(self.precision[above - 1]) if above else 1.0


def overlaps(detections: Detections, boxes: NDArray[np.float32]) -> NDArray[np.float64]:
    """Intersection over union of each detection (n, 5) with each box (m, 4).

    Both begin with x, y, width, height.
    """
    first, second = detections[:, None, :4].astype(np.float64), boxes[None].astype(np.float64)
    low = np.maximum(first[..., :2], second[..., :2])
    high = np.minimum(first[..., :2] + first[..., 2:4], second[..., :2] + second[..., 2:])
    shared = np.clip(high - low, 0, None).prod(axis=-1)
    areas = first[..., 2:4].prod(axis=-1) + second[..., 2:].prod(axis=-1)
    return np.asarray(shared / np.maximum(areas - shared, 1e-9))


def make_curve(
    pictures: Sequence[LabelledPicture],
    found: Sequence[Detections],
    counts: Callable[[LabelledPicture], NDArray[np.bool_]],
) -> Curve:
    """Compute the curve of the detections `found` in each picture, best first.

    `counts` selects the faces of a picture that belong to the set.
    """
    scores: list[float] = []
    hits: list[bool] = []
    faces = 0
    for labelled, detections in zip(pictures, found, strict=True):
        counted = counts(labelled)
        faces += int(counted.sum())
        taken = np.zeros(len(counted), bool)
        overlap = (
            overlaps(detections, labelled.boxes) if len(counted) else np.zeros((len(detections), 1))
        )
        for score, nearest, most in zip(
            detections[:, 4], overlap.argmax(axis=1), overlap.max(axis=1), strict=True
        ):
            if most < LEAST_OVERLAP:
                scores.append(float(score))
                hits.append(False)
            elif counted[nearest]:
                scores.append(float(score))
                hits.append(not taken[nearest])
                taken[nearest] = True
    order = np.argsort(-np.array(scores), kind="stable")
    true = np.cumsum(np.array(hits, bool)[order])
    every = np.arange(1, len(true) + 1)
    return Curve(np.array(scores)[order], true / every, true / max(1, faces), faces)


def in_set(name: str) -> Callable[[LabelledPicture], NDArray[np.bool_]]:
    """Select the faces of a picture that belong to the set `name` of WIDER FACE."""
    return lambda labelled: np.array([value in SETS[name] for value in labelled.difficulties], bool)


def at_least(height: float) -> Callable[[LabelledPicture], NDArray[np.bool_]]:
    """Select the faces of a picture that are at least `height` pixels high."""
    return lambda labelled: np.asarray(labelled.boxes[:, 3] >= height)


def make_curves(
    pictures: Sequence[LabelledPicture], found: Sequence[Detections]
) -> dict[str, Curve]:
    """Compute a curve for each set: by face height, and by difficulty where the data have it."""
    named = {f">= {height} px": at_least(height) for height in HEIGHTS}
    if pictures and all(len(labelled.difficulties) == len(labelled.boxes) for labelled in pictures):
        named = {name: in_set(name) for name in SETS} | named
    return {name: make_curve(pictures, found, counts) for name, counts in named.items()}
