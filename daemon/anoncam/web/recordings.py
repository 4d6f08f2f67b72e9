"""The recordings as the page shows them: segments with their evidence, and their fragments."""

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, BinaryIO

from anoncam.clock import parse_time, utc_text
from anoncam.evidence import chain, sidecars
from anoncam.files.regular_file import open_regular
from anoncam.segments.mp4_boxes import Box, walk
from anoncam.segments.segment_name import SegmentName, parse, scan

_NEWEST = 20
"""Segments that tell how fast the disk fills."""

_YEARS = range(1970, 9999)
"""A day of these has one before it and one after it."""

_LARGEST_HEADER = 1 << 20
"""Bytes of a fragment's header."""

_CLOCK_RATE = 90_000
"""The time base of the segments: see `recording/segment.py`."""

_KEPT = (
    "kind",
    "ended",
    "seconds",
    "frames",
    "frames_veiled",
    "frames_veiled_because",
    "faces_covered",
    "frames_missing",
    "gaps",
    "sha256",
)
"""What the page shows of a record."""


@dataclass(frozen=True)
class Fragment:
    """A fragment: where it lies in the file, and when it begins, in seconds of the segment."""

    offset: int
    size: int
    start: float


def days(folder: Path) -> list[str]:
    """The days (UTC) with recordings, the newest first.

    Raises:
        OSError: the folder cannot be read.
    """
    found = {segment.start.date().isoformat() for segment in scan(folder)}
    return sorted(found, reverse=True)


def disk_use(folder: Path) -> dict[str, object]:
    """How fast the disk fills, in bytes per second, and the day of the oldest recording.

    Raises:
        OSError: the folder cannot be read.
    """
    segments = scan(folder)
    newest = [describe(folder, each) for each in segments[-_NEWEST:] if each.finished]
    seconds = sum(each["seconds"] or 0 for each in newest)
    size = sum(each["bytes"] for each in newest if each["seconds"])
    return {
        "bytes_per_second": round(size / seconds) if seconds else None,
        "oldest": segments[0].start.date().isoformat() if segments else None,
    }


def segments_between(folder: Path, start: datetime, end: datetime) -> list[dict[str, Any]]:
    """The segments of a span of time, in order, each with what its evidence says.

    Raises:
        OSError: the folder cannot be read.
    """
    # A segment may have begun before the span. Its end stands in its evidence.
    margin = timedelta(days=1)
    found = [each for each in scan(folder) if start - margin <= each.start < end]
    described = [describe(folder, each) for each in found]
    return [each for each in described if each["ended"] is None or each["ended"] > utc_text(start)]


def describe(folder: Path, segment: SegmentName) -> dict[str, Any]:
    """A segment with what its sidecar says; sizes in bytes, times in UTC."""
    record = _record(folder, segment)
    facts = {key: record.get(key) for key in _KEPT}
    try:
        size = (folder / str(segment)).stat().st_size
    except FileNotFoundError:
        size = 0
    ended = _time(facts.pop("ended"))
    return {
        **facts,
        "name": str(replace(segment, finished=True)),
        "finished": segment.finished,
        "started": _time(record.get("started")) or utc_text(segment.start),
        "ended": ended,
        "bytes": size,
        "evidence": bool(record),
    }


def find(folder: Path, name: str) -> Path | None:
    """The file of a segment of that name, finished or still being written; None if there is none.

    No other file of the machine can be named.
    """
    segment = parse(name)
    if segment is None:
        return None
    for candidate in (replace(segment, finished=True), replace(segment, finished=False)):
        path = folder / str(candidate)
        if path.is_file() and not path.is_symlink():
            return path
    return None


def fragments(path: Path) -> tuple[int, list[Fragment]]:
    """The size of the init segment, and all whole fragments.

    Raises:
        OSError: the file cannot be read.
    """
    with open_regular(path) as file:
        return _fragments(file, os.fstat(file.fileno()).st_size)


def _fragments(file: BinaryIO, length: int) -> tuple[int, list[Fragment]]:
    init, found = 0, []
    header: Box | None = None
    for box in walk(file, length):
        if box.kind == b"moov":
            init = box.end
        elif box.kind == b"moof":
            header = box
        elif box.kind == b"mdat" and header is not None:
            start = _decode_time(file, header) / _CLOCK_RATE
            found.append(Fragment(header.start, box.end - header.start, round(start, 4)))
            header = None
    return init, found


def _decode_time(file: BinaryIO, header: Box) -> int:
    """The time of the first frame, from the box tfdt (ISO/IEC 14496-12, 8.8.12)."""
    file.seek(header.start)
    content = file.read(min(header.end - header.start, _LARGEST_HEADER))
    place = content.find(b"tfdt")
    if place < 0:
        return 0
    version, at = content[place + 4], place + 8
    return int.from_bytes(content[at : at + (8 if version else 4)])


def _time(text: object) -> str | None:
    at = parse_time(text)
    return None if at is None else utc_text(at, "milliseconds")


def _record(folder: Path, segment: SegmentName) -> dict[str, Any]:
    try:
        record = json.loads(sidecars.read(folder, segment))
    except (OSError, ValueError, RecursionError):
        return {}
    return record if isinstance(record, dict) else {}


def day_of(text: str) -> tuple[datetime, datetime]:
    """Begin and end of a day as `days` names it, in UTC.

    Raises:
        ValueError: this is no day.
    """
    start = datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=UTC)
    if start.year not in _YEARS:
        raise ValueError("there are no recordings of that year")
    return start, start + timedelta(days=1)


def evidence_files(folder: Path, name: str) -> Iterator[Path]:
    """The files that prove a segment: its sidecar, and the chain."""
    segment = parse(name)
    if segment is not None:
        for candidate in (sidecars.sidecar_of(segment), *chain.NAMES):
            if (folder / candidate).is_file() and not (folder / candidate).is_symlink():
                yield folder / candidate
