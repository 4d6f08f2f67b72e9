"""The boxes of a fragmented MP4 (ISO/IEC 14496-12, 4.2), and the seals that prove them whole."""

import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

_MARK = b"anoncam "
_SEAL_SIZE = 8 + len(_MARK) + 4
_PART = 1 << 20

_LARGEST_FRAGMENT = 1 << 26
"""Bytes; a fragment of the highest bit rate that can be configured is a fifth of it."""


@dataclass(frozen=True)
class Box:
    """A box at top level: its type, and the byte offsets of its start, content and end."""

    kind: bytes
    start: int
    content: int
    end: int


def walk(file: BinaryIO, length: int) -> Iterator[Box]:
    """The whole boxes within the first `length` bytes, up to the first torn or impossible one."""
    position = 0
    while position + 8 <= length:
        file.seek(position)
        header = file.read(16)
        size, kind, content = int.from_bytes(header[:4]), header[4:8], position + 8
        if size == 1:
            size, content = int.from_bytes(header[8:16]), position + 16
        end = position + size
        if end < content or end > length:
            return
        yield Box(kind, position, content, end)
        position = end


def seal(data: bytes) -> bytes:
    """A box with the checksum of `data`, to be written after it; players skip it (`free`, 8.1.2).

    The length of a file proves nothing: after a power cut, a file of full length can hold blocks
    that were never written.
    """
    return _SEAL_SIZE.to_bytes(4) + b"free" + _MARK + zlib.crc32(data).to_bytes(4)


def whole_length(file: BinaryIO, length: int) -> int:
    """The end of the last seal such that it and all seals before it are right; 0 if none is."""
    whole = 0
    for box in walk(file, length):
        if box.start - whole > _LARGEST_FRAGMENT:
            break
        mark = _mark(file, box)
        if mark is None:
            continue
        if mark != _checksum(file, whole, box.start):
            break
        whole = box.end
    return whole


def _mark(file: BinaryIO, box: Box) -> int | None:
    """The checksum in a seal; None if the box is no seal."""
    if box.kind != b"free" or box.end - box.start != _SEAL_SIZE:
        return None
    file.seek(box.content)
    content = file.read(_SEAL_SIZE - 8)
    return int.from_bytes(content[len(_MARK) :]) if content.startswith(_MARK) else None


def _checksum(file: BinaryIO, start: int, end: int) -> int:
    checksum = 0
    file.seek(start)
    while start < end:
        part = file.read(min(_PART, end - start))
        checksum = zlib.crc32(part, checksum)
        start += len(part) or end
    return checksum
