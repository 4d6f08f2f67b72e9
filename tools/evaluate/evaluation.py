"""The figures of one detector on labelled pictures."""

import statistics
from collections.abc import Sequence
from dataclasses import dataclass

from anoncam.detectors.detector import Detections
from tools.dataset.dataset import LabelledPicture
from tools.evaluate.average_precision import Curve
from tools.evaluate.detectors import PictureDetector
from tools.evaluate.false_coverage import falsely_covered

_THRESHOLDS = (0.1, 0.15, 0.2, 0.25, 0.3, 0.4, 0.5)


@dataclass(frozen=True)
class SetFigures:
    """One set of faces; `recall` and `precision` are those at the threshold of the evaluation.

    `average_precision` is None for a set without faces.
    """

    faces: int
    average_precision: float | None
    recall: float
    precision: float


@dataclass(frozen=True)
class ThresholdFigures:
    """One threshold; `falsely_covered` is a part of the area of all pictures."""

    score: float
    recall: float
    falsely_covered: float


@dataclass(frozen=True)
class Evaluation:
    """One detector.

    `latency` is the median of the seconds of processor time per picture. The recall in `thresholds`
    is that of the set called `broadest`.
    """

    name: str
    width: int
    height: int
    latency: float
    sets: dict[str, SetFigures]
    broadest: str
    thresholds: list[ThresholdFigures]


def evaluate(
    detector: PictureDetector,
    pictures: Sequence[LabelledPicture],
    found: Sequence[Detections],
    curves: dict[str, Curve],
    threshold: float,
) -> Evaluation:
    """Compute the figures of `detector` from what it has `found` in each picture."""
    broadest = "hard" if "hard" in curves else next(iter(curves))
    return Evaluation(
        detector.name,
        detector.width,
        detector.height,
        statistics.median(detector.latencies),
        {
            name: SetFigures(
                curve.faces,
                curve.average_precision if curve.faces else None,
                curve.recall_at(threshold),
                curve.precision_at(threshold),
            )
            for name, curve in curves.items()
        },
        broadest,
        [
            ThresholdFigures(
                score, curves[broadest].recall_at(score), falsely_covered(pictures, found, score)
            )
            for score in _THRESHOLDS
        ],
    )


def lines(evaluation: Evaluation, threshold: float) -> list[str]:
    """The figures for people."""
    latency = f"{1000 * evaluation.latency:.1f} ms"
    return [
        f"\n{evaluation.name}: {evaluation.width}x{evaluation.height},"
        f" median {latency} of processor time a picture, decoding included",
        f"  {'set':10} {'faces':>6} {'AP':>7} {'recall':>7} {'precision':>9}"
        f"   (at a score of {threshold:g})",
        *(
            f"  {name:10} {each.faces:6} {_number(each.average_precision):>7} {each.recall:7.4f}"
            f" {each.precision:9.4f}"
            for name, each in evaluation.sets.items()
        ),
        *(
            f"  score {each.score:4g}: recall {each.recall:.4f} ({evaluation.broadest}),"
            f" {each.falsely_covered:.3%} falsely covered"
            for each in evaluation.thresholds
        ),
    ]


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.4f}"
