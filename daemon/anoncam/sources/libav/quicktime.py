"""Reads what libav does not report of QuickTime files: other files, and hidden margins."""

import math
import struct
from collections.abc import Iterator
from fractions import Fraction
from typing import BinaryIO

from anoncam.sources.libav.margins import Margins
from anoncam.sources.libav.open_file import OpenFile

QUICKTIME = "mov,mp4,m4a,3gp,3g2,mj2"

_PARENTS = {b"trak", b"mdia", b"minf", b"dinf"}
"""The boxes within a movie that lead to its data references, each within the one before."""

_VISUAL_ENTRY, _SIZE_IN_ENTRY = 78, 24
"""Bytes of a sample entry before its boxes, and before the size of its pictures."""

_APERTURE = struct.Struct(">8i")
_LARGEST_MOVIE = 256 << 20
_NOTHING = memoryview(b"")

_SELF_CONTAINED = 1
"""The flag of a data reference that means the file itself."""


def refers_to_other_files(media: OpenFile) -> bool:
    """Return whether a data reference names another file (ISO/IEC 14496-12, 8.7.2)."""
    movie = _read_movie(media)
    return _any_reference(movie, 0, len(movie), len(_PARENTS))


def _any_reference(data: bytes, begin: int, end: int, depth: int) -> bool:
    while begin + 16 <= end:
        (size,), kind = struct.unpack_from(">I", data, begin), data[begin + 4 : begin + 8]
        header = 8
        if size == 1:
            (size,) = struct.unpack_from(">Q", data, begin + 8)
            header = 16
        stop = end if size == 0 else min(end, begin + max(size, header))
        if kind in _PARENTS and depth and _any_reference(data, begin + header, stop, depth - 1):
            return True
        # Version, flags and a count stand before the references, which are boxes with flags.
        if kind == b"dref" and _is_reference(data, begin + header + 8, stop):
            return True
        begin = stop
    return False


def _is_reference(data: bytes, begin: int, end: int) -> bool:
    while begin + 12 <= end:
        size, _, flags = struct.unpack_from(">III", data, begin)
        if not flags & _SELF_CONTAINED:
            return True
        begin += max(size, 12)
    return False


def quicktime_margins(media: OpenFile) -> list[Margins]:
    """Return what each video track hides at the edges of its pictures.

    That is all but the clean aperture (ISO/IEC 14496-12, 12.1.4).
    """
    movie = memoryview(_read_movie(media))
    return [
        _aperture_margins(entry)
        for kind, track in _boxes(movie)
        if kind == b"trak" and _handler(track) == b"vide"
        for entry in [_first_box(_inside(track, b"mdia", b"minf", b"stbl", b"stsd")[8:])]
    ]


def _read_movie(media: OpenFile) -> bytes:
    """Read the contents of the box `moov`; nothing if there is none."""
    with media.open() as file:
        return _find_movie(file, media.size)


def _find_movie(file: BinaryIO, end: int) -> bytes:
    while len(start := file.read(16)) >= 8:
        size, header = int.from_bytes(start[:4]), 8
        if size == 1:
            size, header = int.from_bytes(start[8:]), 16
        file.seek(header - len(start), 1)
        if start[4:8] == b"moov":
            return file.read(min(size - header, _LARGEST_MOVIE) if size else _LARGEST_MOVIE)
        if size < header:
            break
        # A damaged size may be further than the system can seek.
        file.seek(min(size - header, end), 1)
    return b""


def _boxes(data: memoryview) -> Iterator[tuple[bytes, memoryview]]:
    place = 0
    while place + 8 <= len(data):
        size = int.from_bytes(data[place : place + 4])
        if size < 8:
            return
        yield bytes(data[place + 4 : place + 8]), data[place + 8 : place + size]
        place += size


def _first_box(data: memoryview) -> memoryview:
    return next((content for _, content in _boxes(data)), _NOTHING)


def _inside(data: memoryview, *kinds: bytes) -> memoryview:
    for wanted in kinds:
        data = next((content for kind, content in _boxes(data) if kind == wanted), _NOTHING)
    return data


def _handler(track: memoryview) -> bytes:
    return bytes(_inside(track, b"mdia", b"hdlr")[8:12])


def _aperture_margins(entry: memoryview) -> Margins:
    """The margins around the clean aperture that a sample entry states, if it does."""
    aperture = _inside(entry[_VISUAL_ENTRY:], b"clap")
    if len(aperture) < _APERTURE.size:
        return Margins()
    numbers = _APERTURE.unpack_from(aperture)
    if not all(numbers[1::2]):
        return Margins()
    width, height, across, down = map(Fraction, numbers[::2], numbers[1::2])
    stored_width, stored_height = struct.unpack_from(">HH", entry, _SIZE_IN_ENTRY)
    left = math.ceil(across + (stored_width - width) / 2)
    top = math.ceil(down + (stored_height - height) / 2)
    right = stored_width - left - math.floor(width)
    return Margins(left, top, right, stored_height - top - math.floor(height))
