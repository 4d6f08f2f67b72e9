"""Sidecars: beside each segment, its record as a JSON file that people can read."""

import json
import os
from dataclasses import replace
from pathlib import Path

from anoncam.evidence.records import Record
from anoncam.files.file_system_calls import replace_in
from anoncam.files.regular_file import read_regular
from anoncam.segments.segment_name import PART, SegmentName, parse

MOST_ORPHANS = 10_000
"""Sidecars that stay after their segments were deleted: five weeks, at five minutes a segment.

They take 40 MB in blocks of 4 kB. The chain holds the records for longer. Hundreds of thousands of
files would make the folder slow."""

LARGEST = 1 << 20
"""Bytes of one."""

_ENDING = ".json"
_HALF = _ENDING + PART


def sidecar_of(segment: SegmentName) -> str:
    """The name of the sidecar of a segment."""
    return str(replace(segment, finished=True)).removesuffix(".mp4") + _ENDING


def render(record: Record) -> bytes:
    """The content of a sidecar."""
    return json.dumps(record, indent=2, ensure_ascii=False).encode(errors="surrogatepass") + b"\n"


def write(folder: Path, record: Record, device: int | None = None) -> None:
    """Write the sidecar of the segment of `record`; after the return it survives a power cut.

    Raises:
        OSError: the disk failed, or the folder is not on `device`.
    """
    segment = parse(record["segment"])
    assert segment is not None  # noqa: S101 - a record of a segment has its name
    replace_in(folder, sidecar_of(segment), render(record), device)


def read(folder: Path, segment: SegmentName) -> bytes:
    """What stands in the sidecar of a segment.

    Raises:
        FileNotFoundError: there is none.
        OSError: it cannot be read, or is larger than any that anoncam writes.
    """
    return read_regular(folder / sidecar_of(segment), LARGEST)


def clear(folder: Path) -> None:
    """Delete unfinished sidecars that a crash has left.

    Raises:
        OSError: the disk failed.
    """
    with os.scandir(folder) as entries:
        halves = [entry.name for entry in entries if entry.name.endswith(_HALF)]
    for name in halves:
        if parse(name.removesuffix(_HALF) + ".mp4") is not None:
            (folder / name).unlink(missing_ok=True)


def scan(folder: Path) -> list[SegmentName]:
    """The segments in `folder` that have a sidecar, in order.

    Raises:
        OSError: the folder cannot be read.
    """
    with os.scandir(folder) as entries:
        names = [entry.name for entry in entries if entry.name.endswith(_ENDING)]
    found = [parse(name.removesuffix(_ENDING) + ".mp4") for name in names]
    return sorted(segment for segment in found if segment is not None)


def prune(folder: Path, segments: set[SegmentName], most: int = MOST_ORPHANS) -> None:
    """Delete the oldest sidecars of segments that are not in `segments`, so that `most` remain.

    Raises:
        OSError: the disk failed.
    """
    orphans = [segment for segment in scan(folder) if segment not in segments]
    for segment in orphans[: max(0, len(orphans) - most)]:
        (folder / sidecar_of(segment)).unlink(missing_ok=True)
