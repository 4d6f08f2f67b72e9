"""What a measurement yields, and what all measurements are given."""

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from tqdm import tqdm

CLIPS = Path(os.environ.get("ANONCAM_SHARED", "../shared")) / "data" / "clips"


@dataclass(frozen=True)
class Figure:
    """One measured number.

    `note` is what it is the median of, or why it is missing (`value` is None).
    """

    name: str
    value: float | None
    unit: str
    note: str = ""


@dataclass(frozen=True)
class Bench:
    """What every measurement is given.

    `folder` is for temporary files, `runs` the number of repetitions; `plots` is None where no
    plot is wanted.
    """

    clip: Path
    folder: Path
    runs: int
    plots: Path | None


Measurement = Callable[[Bench], Iterator[Figure]]
"""Yields each figure as soon as it is known."""


def progress(count: int, name: str) -> "tqdm[int]":
    """Count to `count`, with a progress bar where stderr is a terminal."""
    return tqdm(range(count), name, leave=False, disable=None)
