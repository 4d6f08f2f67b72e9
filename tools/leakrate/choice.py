"""Candidates for the settings, compared over all kinds of clips.

The objective is the least leaked share at no more than a given falsely covered area, both as means
over the kinds. Candidates are compared by geometry alone, in half the resolution: a face leaks
where three of nine cells in the inner 80 % of its box are mostly uncovered. Detail is not looked at
and nothing is encoded, which counts a few more faces.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import product
from pathlib import Path

import numpy as np
from tqdm import tqdm

from anoncam.config.schema import Config
from tools.leakrate.coverage_mask import Mask, faces_mask, paint
from tools.leakrate.detail import CELLS, INNER, LEAST_CELLS
from tools.leakrate.detection_cache import read_detections
from tools.leakrate.labels import LabelledClip, Rectangle, read_labels
from tools.leakrate.replay import replay
from tools.leakrate.reported_coverage import ReportedCoverage
from tools.leakrate.settings import Setting, with_values

STARTS, KEEPS, PERSISTENCES = (0.75, 0.8, 0.85), (0.3, 0.34), (0.3, 0.4)

_SAMPLES = 9
"""Samples across and down a face: three for each cell."""


@dataclass(frozen=True)
class Outcome:
    """The leaked share of the faces in one kind of clip, and the falsely covered part of it."""

    leaked: float
    falsely_covered: float


def candidates(config: Config) -> dict[str, Setting]:
    """The settings that are compared, by start threshold, keep threshold and persistence."""
    return {
        f"{start:g} / {keep:g} / {persistence:g} s": Setting(
            with_values(
                config,
                coverage={
                    "start_threshold": start,
                    "keep_threshold": keep,
                    "persistence": persistence,
                },
            )
        )
        for start, keep, persistence in product(STARTS, KEEPS, PERSISTENCES)
    }


def compare_candidates(
    kinds: Mapping[str, Path], config: Config, cache: Path
) -> dict[str, dict[str, Outcome]]:
    """The outcome of each candidate, for each kind."""
    wanted = candidates(config)
    found: dict[str, dict[str, Outcome]] = {name: {} for name in wanted}
    for kind, clip in kinds.items():
        labelled = read_labels(clip)
        frames = read_detections(clip, config.detector, cache)
        for name, setting in tqdm(wanted.items(), kind, leave=False, disable=None):
            covered = replay(frames, labelled.width, labelled.height, setting)
            found[name][kind] = outcome(labelled, covered)
    return found


def outcome(labelled: LabelledClip, covered: ReportedCoverage) -> Outcome:
    """What leaks and what is covered falsely in one clip."""
    leaks: list[bool] = []
    false = 0.0
    for number, boxes in enumerate(covered.frames):
        mask = _halved(boxes, labelled)
        faces = faces_mask(labelled, number)[::2, ::2]
        false += np.count_nonzero(mask & ~faces) / mask.size
        leaks += [_leaks(mask, face.box) for face in labelled.faces[number] if not face.unseen]
    return Outcome(sum(leaks) / max(1, len(leaks)), false / max(1, len(covered.frames)))


def as_dicts(found: Mapping[str, Mapping[str, Outcome]]) -> dict[str, dict[str, object]]:
    """The same for JSON."""
    return {
        name: {kind: asdict(each) for kind, each in kinds.items()} for name, kinds in found.items()
    }


def candidate_table(found: Mapping[str, Mapping[str, Outcome]]) -> list[str]:
    """The lines of a table with one row for each candidate; each cell is leaked / falsely covered.

    Those with the least leaked share, as the mean over the kinds, come first.
    """
    kinds = list(next(iter(found.values())))
    rows = sorted(found.items(), key=lambda row: mean(list(row[1].values())).leaked)
    return [
        "| start / keep / persistence | mean | " + " | ".join(kinds) + " |",
        "|---" * (2 + len(kinds)) + "|",
        *(
            f"| {name} | {cell(mean(list(each.values())))} | "
            + " | ".join(cell(each[kind]) for kind in kinds)
            + " |"
            for name, each in rows
        ),
    ]


def cell(each: Outcome) -> str:
    """The leaked share and the falsely covered part, as tables show them."""
    return f"{each.leaked:.2%} / {each.falsely_covered:.2%}"


def mean(each: Sequence[Outcome]) -> Outcome:
    """The mean over several kinds, each of the same weight."""
    return Outcome(
        float(np.mean([one.leaked for one in each])),
        float(np.mean([one.falsely_covered for one in each])),
    )


def _halved(boxes: Sequence[Rectangle], labelled: LabelledClip) -> Mask:
    halves = [(x / 2, y / 2, width / 2, height / 2) for x, y, width, height in boxes]
    return paint(halves, (labelled.width + 1) // 2, (labelled.height + 1) // 2)


def _leaks(mask: Mask, box: Rectangle) -> bool:
    x, y, width, height = box
    places = (1 - INNER) / 2 + INNER * (np.arange(_SAMPLES) + 0.5) / _SAMPLES
    rows = ((y + height * places) / 2).astype(int).clip(0, mask.shape[0] - 1)
    columns = ((x + width * places) / 2).astype(int).clip(0, mask.shape[1] - 1)
    samples = mask[np.ix_(rows, columns)].reshape(CELLS, -1, CELLS, _SAMPLES // CELLS)
    return bool((samples.mean(axis=(1, 3)) < 1 / 2).sum() >= LEAST_CELLS)
