"""Writes into a picture how large it is meant to be printed: libav's encoders do not."""

import struct
import zlib

_PER_INCH = 0.0254
_AFTER_HEADER = 33
"""Bytes of a PNG's signature and of its first chunk."""
_MOST = 0xFFFF
_JPEG_START = b"\xff\xd8"


def with_resolution(encoded: bytes, across: int, down: int) -> bytes:
    """Add a resolution in pixels per metre to the start of a PNG or JPEG.

    Any other picture stays as it is. All that comes before the samples must be there.
    """
    if encoded.startswith(b"\x89PNG"):
        body = b"pHYs" + struct.pack(">IIB", across, down, 1)
        chunk = struct.pack(">I", 9) + body + struct.pack(">I", zlib.crc32(body))
        rest = _without_resolution(encoded[_AFTER_HEADER:])
        return encoded[:_AFTER_HEADER] + chunk + rest
    per_inch = [round(each * _PER_INCH) for each in (across, down)]
    if encoded.startswith(_JPEG_START) and min(per_inch) > 0 and max(per_inch) <= _MOST:
        header = b"\xff\xe0\0\x10JFIF\0\1\2" + struct.pack(">BHHBB", 1, *per_inch, 0, 0)
        return _JPEG_START + header + encoded[len(_JPEG_START) :]
    return encoded


def _without_resolution(chunks: bytes) -> bytes:
    # libav writes an aspect ratio as a resolution without a unit.
    place = chunks.find(b"pHYs", 0, max(chunks.find(b"IDAT"), 0)) - 4
    return chunks if place < 0 else chunks[:place] + chunks[place + 21 :]
