"""The boxes of a fragmented MP4 (ISO/IEC 14496-12, 4.2), as far as needed to find its last whole fragment."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO


@dataclass(frozen=True)
class Box:
    """A box at top level: its type, where it starts, where its content starts, where it ends (bytes)."""

    kind: bytes
    start: int
    content: int
    end: int


def walk(file: BinaryIO, length: int) -> Iterator[Box]:
    """The whole boxes within the first `length` bytes; ends at the first that is torn or cannot be one."""
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


def whole_length(file: BinaryIO, length: int) -> int:
    """The bytes up to the end of the last whole fragment (`moof` and its `mdat`); 0 if there is none."""
    kinds = b""
    ends: list[Box] = []
    for box in walk(file, length):
        if box.kind == b"mdat" and kinds == b"moof":
            ends.append(box)
        elif box.kind not in {b"ftyp", b"moov", b"moof"}:
            break
        kinds = box.kind
    # After a power cut the last fragment can have its full length and yet hold blocks that were never written.
    while ends and not _is_tiled(file, ends[-1]):
        ends.pop()
    return ends[-1].end if ends else 0


def _is_tiled(file: BinaryIO, box: Box) -> bool:
    """Whether the box is filled exactly by NAL units, each after its length in four bytes (ISO/IEC 14496-15, 5.3)."""
    position = box.content
    while position + 5 <= box.end:
        file.seek(position)
        header = file.read(5)
        size = int.from_bytes(header[:4])
        # H.264, 7.3.1: the first bit of a unit is zero; type 0 is not used.
        if size == 0 or header[4] & 0x80 or not header[4] & 0x1F:
            return False
        position += 4 + size
    return position == box.end
