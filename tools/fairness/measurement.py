"""Every labelled face with what is known of it, and whether it was missed."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from PIL import Image
from tqdm import tqdm

from anoncam.anonymizer.grid import widen
from anoncam.config.schema import AnonymizerSettings
from anoncam.frames.boxes import Boxes, overlaps
from tools.dataset.attributes import Attributes, attributes_of
from tools.dataset.dataset import LabelledPicture
from tools.evaluate.detectors import PictureDetector
from tools.leakrate.coverage_mask import paint
from tools.leakrate.flat_comparison import is_seen
from tools.leakrate.labels import Face

SMALLEST = 24.0
"""The least height of a face that counts, in pixels of the picture."""

_LEAST_OVERLAP = 0.3
"""Intersection over union from which a detection is of a face: labels and boxes differ a little."""


@dataclass(frozen=True)
class Outcome:
    """One face of `height` pixels.

    It is `missed` where no detection is of it, and `leaks` where it can be seen although the boxes
    of all detections, with the margins of the daemon, are covered.
    """

    height: float
    attributes: Attributes
    missed: bool
    leaks: bool


def measure(
    pictures: Sequence[LabelledPicture], detector: PictureDetector, threshold: float
) -> list[Outcome]:
    """Look for every face of `SMALLEST` and more of which attributes are known."""
    outcomes: list[Outcome] = []
    for labelled in tqdm(pictures, detector.name, unit=" pictures", leave=False, disable=None):
        known = attributes_of(labelled)
        numbers = [n for n in known if labelled.boxes[n, 3] >= SMALLEST]
        if numbers:
            outcomes += _look_at(labelled, numbers, known, detector, threshold)
    return outcomes


def _look_at(
    labelled: LabelledPicture,
    numbers: Sequence[int],
    known: dict[int, Attributes],
    detector: PictureDetector,
    threshold: float,
) -> list[Outcome]:
    found = detector.detect_in(labelled)
    boxes = _corners(found[found[:, 4] >= threshold, :4].astype(np.float64))
    shared = overlaps(_corners(labelled.boxes[list(numbers)].astype(np.float64)), boxes)
    margins = AnonymizerSettings()
    widened = [widen((a, b, c, d), margins, 0) for a, b, c, d in boxes.tolist()]
    mask = paint([(a, b, c - a, d - b) for a, b, c, d in widened], labelled.width, labelled.height)
    with Image.open(labelled.path) as opened:
        luma = np.asarray(opened.convert("L"))
    outcomes = []
    for number, row in zip(numbers, shared, strict=True):
        x, y, width, height = labelled.boxes[number].tolist()
        missed = not (row >= _LEAST_OVERLAP).any()
        leaks = is_seen(luma, mask, Face(number, (x, y, width, height)))
        outcomes.append(Outcome(height, known[number], missed, leaks))
    return outcomes


def _corners(boxes: Boxes) -> Boxes:
    """From x, y, width, height to left, top, right, bottom."""
    return np.concatenate((boxes[:, :2], boxes[:, :2] + boxes[:, 2:]), axis=1)
