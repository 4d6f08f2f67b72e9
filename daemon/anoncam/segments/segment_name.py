"""The names of segments: a number that orders them, then the time of their start.

A finished segment is called `000000042_20260714T091500Z.mp4`. While it is written, `.part` follows;
after a crash that stays.
"""

import os
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

PART = ".part"

LARGEST_NUMBER = 10**18 - 1
"""A longer name may be too long for a file system."""

_PATTERN = re.compile(r"([0-9]{9,18})_([0-9]{8}T[0-9]{6}Z)\.mp4(\.part)?", re.ASCII)
_TIME = "%Y%m%dT%H%M%SZ"


@dataclass(frozen=True, order=True)
class SegmentName:
    """A segment's number, the UTC time at which it started, and whether it is finished."""

    number: int
    start: datetime
    finished: bool = True

    def __str__(self) -> str:
        return f"{self.number:09}_{self.start.strftime(_TIME)}.mp4{'' if self.finished else PART}"


def parse(name: str) -> SegmentName | None:
    """The segment that is called `name`; None for a name that anoncam does not write."""
    match = _PATTERN.fullmatch(name)
    if match is None:
        return None
    try:
        start = datetime.strptime(match[2], _TIME).replace(tzinfo=UTC)
    except ValueError:
        return None
    segment = SegmentName(int(match[1]), start, match[3] is None)
    return segment if str(segment) == name else None


def scan(folder: Path) -> list[SegmentName]:
    """All segments in `folder`, in order; other files are ignored.

    Raises:
        OSError: the folder cannot be read.
    """
    with os.scandir(folder) as entries:
        found = [parse(entry.name) for entry in entries if entry.is_file(follow_symlinks=False)]
    return sorted(segment for segment in found if segment is not None)
