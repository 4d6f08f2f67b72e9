"""Finds out whether a QuickTime file has its pictures or its sound in other files."""

import struct
from pathlib import Path

QUICKTIME = "mov,mp4,m4a,3gp,3g2,mj2"

_PARENTS = {b"moov", b"trak", b"mdia", b"minf", b"dinf"}

_SELF_CONTAINED = 1
"""The flag of a data reference that means the file itself."""


def refers_to_other_files(path: Path) -> bool:
    """Return whether a data reference names another file (ISO/IEC 14496-12, 8.7.2)."""
    data = path.read_bytes()
    return _any_reference(data, 0, len(data))


def _any_reference(data: bytes, begin: int, end: int) -> bool:
    while begin + 16 <= end:
        (size,), kind = struct.unpack_from(">I", data, begin), data[begin + 4 : begin + 8]
        header = 8
        if size == 1:
            (size,) = struct.unpack_from(">Q", data, begin + 8)
            header = 16
        stop = end if size == 0 else min(end, begin + max(size, header))
        if kind in _PARENTS and _any_reference(data, begin + header, stop):
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
