"""The covered part of a clip and of its labelled faces."""

import json
from dataclasses import dataclass
from math import ceil
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from anoncam.anonymizer.grid import widen
from anoncam.config.schema import Config
from anoncam.errors import InputError
from anoncam.frames.frame import FrameFormat
from anoncam.tracking.coverage import Coverage
from tools.coverage.pipeline import coverages

LEAST_PART = 0.9
"""A face counts as covered when this part of its labelled box is covered."""


@dataclass(frozen=True)
class ClipCoverage:
    """Counters over the frames of one clip; `area` is the covered part of all its pixels.

    `faces` counts labelled faces in all frames, `covered` those of them that are covered.
    """

    clip: str
    frames: int
    faces: int
    covered: int
    veiled: int
    area: float


def measure(clip: Path, config: Config) -> ClipCoverage:
    """Run the pipeline over `clip` and compare its coverage with the labels beside the clip.

    Raises:
        InputError: the clip or its labels cannot be read.
        DetectorError: the detector failed.
    """
    labels = _read_labels(clip)
    faces = covered = veiled = frames = 0
    area = 0.0
    for frame_format, coverage in coverages(clip, config):
        mask = covered_mask(frame_format, coverage, config)
        for label in labels[frames]:
            faces += 1
            covered += bool(_part_inside(mask, label["bbox"]) >= LEAST_PART)
        area += float(mask.mean())
        veiled += bool(coverage.veil)
        frames += 1
    return ClipCoverage(clip.name, frames, faces, covered, veiled, area / max(1, frames))


def _read_labels(clip: Path) -> list[list[dict[str, Any]]]:
    path = clip.with_suffix(".json")
    try:
        frames: list[list[dict[str, Any]]] = json.loads(path.read_text())["frames"]
    except OSError as error:
        raise InputError(
            f"{path}: {error.strerror}", "the labels are expected in a JSON file beside the clip"
        ) from error
    except (ValueError, KeyError) as error:
        raise InputError(f"{path}: holds no labels", f"{type(error).__name__}: {error}") from error
    return frames


def covered_mask(
    frame_format: FrameFormat, coverage: Coverage, config: Config
) -> NDArray[np.bool_]:
    """Mark the covered samples of the luma plane."""
    mask = np.full((frame_format.height, frame_format.width), bool(coverage.veil))
    for cover in coverage.boxes:
        left, top, right, bottom = widen(cover.box, config.anonymizer, frame_format.rotation)
        mask[max(0, int(top)) : max(0, ceil(bottom)), max(0, int(left)) : max(0, ceil(right))] = (
            True
        )
    return mask


def _part_inside(mask: NDArray[np.bool_], box: list[float]) -> float:
    left, top, width, height = box
    inside = mask[max(0, int(top)) : ceil(top + height), max(0, int(left)) : ceil(left + width)]
    return float(inside.mean()) if inside.size else 1.0
