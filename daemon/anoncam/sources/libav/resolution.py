"""Reads how large a picture is meant to be printed: libav does not report it.

The formats are in the PNG specification, 11.3.4.3, and in JFIF 1.02.
"""

import struct

from anoncam.sources.libav.open_file import OpenFile

Resolution = tuple[int, int]
"""Pixels per metre, across and down the stored picture."""

_HEAD = 65536
_PER_METRE = {1: 1 / 0.0254, 2: 100.0}
"""Pixels per metre of JFIF's units: inch and centimetre."""


def resolution_of(media: OpenFile) -> Resolution | None:
    """Return the resolution that a PNG or JPEG states, or None."""
    with media.open() as file:
        head = file.read(_HEAD)
    if head.startswith(b"\x89PNG"):
        return _of_png(head)
    return _of_jpeg(head) if head[6:11] == b"JFIF\0" else None


def _of_png(head: bytes) -> Resolution | None:
    place = head.find(b"pHYs", 0, max(head.find(b"IDAT"), 0))
    if place < 0 or len(head) < place + 13:
        return None
    across, down, unit = struct.unpack_from(">IIB", head, place + 4)
    return (across, down) if unit == 1 and across and down else None


def _of_jpeg(head: bytes) -> Resolution | None:
    if len(head) < 18:
        return None
    unit, across, down = struct.unpack_from(">BHH", head, 13)
    scale = _PER_METRE.get(unit)
    if scale is None or not (across and down):
        return None
    return round(across * scale), round(down * scale)
