"""Reads what libav does not report of Matroska and WebM files: damage, and hidden margins."""

import io
from collections.abc import Iterator
from typing import BinaryIO

from anoncam.sources.libav.margins import Margins
from anoncam.sources.libav.open_file import OpenFile

MATROSKA = "matroska,webm"

_SEGMENT, _CLUSTER = b"\x18\x53\x80\x67", b"\x1f\x43\xb6\x75"
_TRACKS, _VIDEO = b"\x16\x54\xae\x6b", b"\xe0"
_CROPS = (b"\x54\xcc", b"\x54\xbb", b"\x54\xdd", b"\x54\xaa")
"""PixelCropLeft, PixelCropTop, PixelCropRight and PixelCropBottom."""

_LARGEST_TRACKS = 16 << 20

_TOP = {
    b"\x1a\x45\xdf\xa3",  # EBML header
    _SEGMENT,
    _CLUSTER,
    b"\x11\x4d\x9b\x74",  # SeekHead
    b"\x15\x49\xa9\x66",  # Info
    b"\x16\x54\xae\x6b",  # Tracks
    b"\x1c\x53\xbb\x6b",  # Cues
    b"\x10\x43\xa7\x70",  # Chapters
    b"\x19\x41\xa4\x69",  # Attachments
    b"\x12\x54\xc3\x67",  # Tags
    b"\xec",  # Void
    b"\xbf",  # CRC-32
}
_IN_CLUSTER = {
    b"\xe7",  # Timestamp
    b"\xa3",  # SimpleBlock
    b"\xa0",  # BlockGroup
    b"\xab",  # PrevSize
    b"\xa7",  # Position
    b"\xaf",  # EncryptedBlock
    b"\x58\x54",  # SilentTracks
    b"\xec",
    b"\xbf",
}


def is_matroska_whole(media: OpenFile) -> bool:
    """Return whether the elements of a Matroska or WebM file follow each other without a break.

    After a break libav looks for the next cluster, and does not report what it skips. The format is
    in RFC 8794 and RFC 9559.
    """
    with media.open() as file:
        end = media.size
        place = 0
        while place < end:
            file.seek(place)
            element = _element(file)
            if element is None or element[0] not in _TOP | _IN_CLUSTER:
                return False
            name, size = element
            # The contents of these two are checked too. A live writer may leave their size open.
            if name not in {_SEGMENT, _CLUSTER}:
                if size is None:
                    return False
                file.seek(min(size, end), 1)
            place = file.tell()
        return place == end


def matroska_margins(media: OpenFile) -> list[Margins]:
    """Return what each video track hides at the edges of its pictures (RFC 9559, 5.1.4.1.28)."""
    end = media.size
    with media.open() as file:
        while (element := _element(file)) is not None:
            name, size = element
            if name == _TRACKS and size is not None:
                tracks = file.read(min(size, _LARGEST_TRACKS))
                entries = [dict(_children(track)) for name, track in _children(tracks)]
                return [_margins(entry[_VIDEO]) for entry in entries if _VIDEO in entry]
            if name != _SEGMENT:
                if size is None:
                    break
                # A damaged size may be further than the system can seek.
                file.seek(min(size, end), 1)
    return []


def _margins(video: bytes) -> Margins:
    values = dict(_children(video))
    return Margins(*(int.from_bytes(values.get(name, b"")) for name in _CROPS))


def _children(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    file = io.BytesIO(data)
    while (element := _element(file)) is not None and element[1] is not None:
        yield element[0], file.read(element[1])


def _element(file: BinaryIO) -> tuple[bytes, int | None] | None:
    """Read name and size (None: left open) of the element that begins here, if one does."""
    first = file.read(1)
    if not first or first[0] < 0x10:
        return None
    name = first + file.read(8 - first[0].bit_length())
    head = file.read(1)
    if not head or not head[0]:
        return None
    length = 8 - head[0].bit_length()
    value = int.from_bytes(bytes([head[0] & ((1 << (7 - length)) - 1)]) + file.read(length))
    return name, None if value == (1 << (7 * (length + 1))) - 1 else value
