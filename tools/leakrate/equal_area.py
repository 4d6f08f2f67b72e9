"""Detectors compared by what leaks where as much is covered falsely.

One detector gives 0.8 where another gives 0.9, so each is compared with thresholds of its own: for
each of a few start thresholds, the keep threshold with which it covers as much falsely as the
detector in force. Areas and leaked shares are means over the kinds.
"""

import functools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tqdm import tqdm

from anoncam.config.schema import Config
from tools.leakrate.choice import Outcome, cell, mean, outcome
from tools.leakrate.detection_cache import FrameDetections, read_detections
from tools.leakrate.labels import LabelledClip, read_labels
from tools.leakrate.replay import replay
from tools.leakrate.settings import Setting, with_values

STARTS = (0.75, 0.85, 0.95)
KEEPS = (0.22, 0.26, 0.3, 0.34, 0.38, 0.42, 0.46, 0.5, 0.54, 0.58, 0.62)


@dataclass(frozen=True)
class Detector:
    """A model, as settings name it, and its start and keep threshold unless they are fitted."""

    model: str
    thresholds: tuple[float, float] | None = None


@dataclass(frozen=True)
class Point:
    """A detector with two thresholds, and the outcome for each kind."""

    detector: str
    start: float
    keep: float
    kinds: dict[str, Outcome]

    @property
    def mean(self) -> Outcome:
        """The mean over the kinds."""
        return mean(list(self.kinds.values()))


@dataclass(frozen=True)
class DetectorComparison:
    """The detector in force, others beside it, and how many labelled faces count in each kind."""

    in_force: Point
    points: list[Point]
    faces: dict[str, int]


def compare_detectors(
    clips: Mapping[str, Path], config: Config, detectors: Sequence[Detector], cache: Path
) -> DetectorComparison:
    """Compare detectors with the one of the configuration, on a clip of each kind.

    A fitted detector has a point for each of `STARTS`.

    Raises:
        InputError: a clip or its labels cannot be read.
        ModelError: there is no such model.
        DetectorError: a detector gives no result.
    """
    labels = {kind: read_labels(clip) for kind, clip in clips.items()}

    def measures(model: str) -> Callable[[float, float], Point]:
        own = with_values(config, detector={"model": model})
        frames = {kind: read_detections(clip, own.detector, cache) for kind, clip in clips.items()}
        return functools.partial(_measure, own, labels, frames)

    coverage = config.coverage
    in_force = measures(config.detector.model)(coverage.start_threshold, coverage.keep_threshold)
    points = []
    for each in detectors:
        measure, keep = measures(each.model), coverage.keep_threshold
        if each.thresholds:
            points.append(measure(*each.thresholds))
            continue
        for start in STARTS:
            fitted = fit(functools.partial(measure, start), in_force.mean.falsely_covered, keep)
            points.append(fitted)
            keep = fitted.keep
    faces = {
        kind: sum(not face.unseen for frame in each.faces for face in frame)
        for kind, each in labels.items()
    }
    return DetectorComparison(in_force, points, faces)


def fit(measure: Callable[[float], Point], area: float, near: float) -> Point:
    """Find the keep threshold at which `area` is covered falsely, and what leaks there.

    Args:
        measure: gives the point of a keep threshold; the lower that is, the more is covered.
        area: the mean over the kinds, from 0 to 1.
        near: a guess; few points are measured where it is a good one.

    Returns:
        The point between two neighbours of `KEEPS`; or an end of `KEEPS`, where all cover less or
        all cover more.
    """
    measured = functools.cache(measure)
    place = min(range(len(KEEPS)), key=lambda each: abs(KEEPS[each] - near))
    while place < len(KEEPS) and measured(KEEPS[place]).mean.falsely_covered > area:
        place += 1
    while place > 0 and measured(KEEPS[place - 1]).mean.falsely_covered <= area:
        place -= 1
    if place in (0, len(KEEPS)):
        return measured(KEEPS[min(place, len(KEEPS) - 1)])
    more, less = measured(KEEPS[place - 1]), measured(KEEPS[place])
    whole = more.mean.falsely_covered - less.mean.falsely_covered
    part = (more.mean.falsely_covered - area) / whole

    def between(first: float, second: float) -> float:
        return first + part * (second - first)

    return Point(
        more.detector,
        more.start,
        between(more.keep, less.keep),
        {
            kind: Outcome(
                between(first.leaked, less.kinds[kind].leaked),
                between(first.falsely_covered, less.kinds[kind].falsely_covered),
            )
            for kind, first in more.kinds.items()
        },
    )


def detector_table(comparison: DetectorComparison) -> list[str]:
    """The lines of a table with one row for each point; each cell is leaked / falsely covered.

    Below the detector in force, those with the least leaked share come first.
    """
    kinds = [f"{kind} ({faces:,} faces)" for kind, faces in comparison.faces.items()]
    rows = [
        ("in force: ", comparison.in_force),
        *(("", point) for point in sorted(comparison.points, key=lambda each: each.mean.leaked)),
    ]
    return [
        "| detector, start / keep | mean | " + " | ".join(kinds) + " |",
        "|---" * (2 + len(kinds)) + "|",
        *(
            f"| {prefix}{point.detector}, {point.start:g} / {point.keep:.3g} | "
            + " | ".join(map(cell, [point.mean, *point.kinds.values()]))
            + " |"
            for prefix, point in rows
        ),
    ]


def _measure(
    config: Config,
    labels: Mapping[str, LabelledClip],
    frames: Mapping[str, Sequence[FrameDetections]],
    start: float,
    keep: float,
) -> Point:
    model = config.detector.model
    setting = Setting(
        with_values(config, coverage={"start_threshold": start, "keep_threshold": keep})
    )
    bar = tqdm(
        labels.items(), f"{model}, {start:g} / {keep:g}", unit=" kinds", leave=False, disable=None
    )
    return Point(
        model,
        start,
        keep,
        {
            kind: outcome(each, replay(frames[kind], each.width, each.height, setting))
            for kind, each in bar
        },
    )
