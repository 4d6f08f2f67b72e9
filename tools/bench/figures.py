"""What a measurement gives, and what all of them share."""

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from tqdm import tqdm

CLIPS = Path(os.environ.get("ANONCAM_SHARED", "../shared")) / "data" / "clips"


@dataclass(frozen=True)
class Figure:
    """One measured number; `note` says what it is the median of, or why it is missing (`value` is
    None).
    """

    name: str
    value: float | None
    unit: str
    note: str = ""


@dataclass(frozen=True)
class Bench:
    """What all measurements share: the clip, a folder to work in, how often to measure, where to
    put plots.
    """

    clip: Path
    folder: Path
    runs: int
    plots: Path | None


Measurement = Callable[[Bench], Iterator[Figure]]
"""Yields its figures one by one, as soon as each is known."""


def progress(count: int, name: str) -> "tqdm[int]":
    """Count to `count` with a bar where a person looks on."""
    return tqdm(range(count), name, leave=False, disable=None)
