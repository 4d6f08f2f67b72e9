"""Finds whole pictures and videos inside of another file, by the marks with which they begin."""

import re
from dataclasses import dataclass

_MARKS = re.compile(
    rb"\xff\xd8\xff[\xc0-\xfe]|\x89PNG\r\n\x1a\n|\0\0[\0-\x02].ftyp|RIFF....WEBP|GIF8[79]a",
    re.DOTALL,
)
_NO_LENGTH = {0x01, *range(0xD0, 0xD8)}
_FRAMES = {*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC}
"""JPEG's markers before the size of a picture."""
_PNG_END = b"IEND"


@dataclass(frozen=True)
class Embedded:
    """A file within another one, at these bytes of it."""

    kind: str
    start: int
    end: int


def find_embedded(data: bytes, start: int = 1) -> list[Embedded]:
    """Find all pictures and videos from `start` on, in order; one in another one is left out."""
    found: list[Embedded] = []
    while (mark := _MARKS.search(data, start)) is not None:
        embedded = _describe(data, mark.start(), mark.group())
        if embedded is None:
            start = mark.start() + 1
        else:
            found.append(embedded)
            start = embedded.end
    return found


def jpeg_end(data: bytes, start: int) -> int | None:
    """Where the JPEG at `start` ends; None if there is none."""
    place, has_frame = start + 2, False
    while place + 4 <= len(data) and data[place] == 0xFF:
        marker = data[place + 1]
        if marker == 0xFF:
            place += 1
        elif marker in _NO_LENGTH:
            place += 2
        elif marker == 0xDA:
            end = data.find(b"\xff\xd9", place)
            return (len(data) if end < 0 else end + 2) if has_frame else None
        else:
            has_frame = has_frame or marker in _FRAMES
            place += 2 + max(2, int.from_bytes(data[place + 2 : place + 4]))
    return None


def _describe(data: bytes, start: int, mark: bytes) -> Embedded | None:
    if mark.startswith(b"\xff"):
        end = jpeg_end(data, start)
        return None if end is None else Embedded("JPEG", start, end)
    if mark.startswith(b"\x89"):
        end = data.find(_PNG_END, start)
        return Embedded("PNG", start, len(data) if end < 0 else min(len(data), end + 8))
    if mark.startswith(b"RIFF"):
        size = int.from_bytes(data[start + 4 : start + 8], "little")
        return Embedded("WebP", start, min(len(data), start + 8 + size))
    if mark.startswith(b"GIF"):
        return Embedded("GIF", start, len(data))
    return Embedded("MP4 or HEIC", start, len(data))
