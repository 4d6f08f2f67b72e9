"""Inspects the file of a segment: its hash, and whether it plays to its end."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from anoncam.files.regular_file import open_regular
from anoncam.segments.mp4_boxes import walk
from anoncam.sources.process.questions import play as play_file


@dataclass(frozen=True)
class Inspection:
    """A file as it is; `frames` is None if it was not played, `problem` is empty if it plays."""

    size: int
    sha256: str
    frames: int | None = None
    problem: str = ""


def inspect(path: Path, *, play: bool, check: Callable[[], None]) -> Inspection:
    """Hash a file and, with `play`, decode it to its end.

    `check` is called every few frames and may raise to end the inspection.

    Raises:
        OSError: the file cannot be read, or is gone.
    """
    with open_regular(path) as file:
        sha256 = hashlib.file_digest(file, "sha256").hexdigest()
        size = file.tell()
        end = max((box.end for box in walk(file, size)), default=0)
    if not play:
        return Inspection(size, sha256)
    played = play_file(path, check)
    # libav does not report a file that breaks off.
    problem = played.problem if end == size else f"it breaks off at byte {end} of {size}"
    return Inspection(size, sha256, played.frames, problem)
