"""Refuses a PNG whose text or colour profile is compressed so that it would fill the memory.

libav decompresses both whole, though nobody asks for them. The format is in the PNG specification,
11.3.
"""

import zlib

from anoncam.errors import InputError
from anoncam.sources.libav.open_file import OpenFile

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_COMPRESSED = {b"zTXt", b"iCCP", b"iTXt"}

LARGEST = 16 << 20
"""Bytes that they may have together; the largest profiles in use have about 4 MB."""


def refuse_swollen(media: OpenFile) -> None:
    """Refuse a PNG with more text or profile than `LARGEST`.

    Raises:
        InputError: it is one.
    """
    left = LARGEST
    with media.open() as file:
        if file.read(len(_SIGNATURE)) != _SIGNATURE:
            return
        while len(head := file.read(8)) == 8 and head[4:] != b"IEND":
            size = int.from_bytes(head[:4])
            if head[4:] in _COMPRESSED:
                left -= _length(file.read(min(size, LARGEST)), head[4:], left)
                size = max(0, size - LARGEST)
            if left <= 0:
                raise InputError(
                    f"{media} holds more than {LARGEST >> 20} MB of text or colour profile",
                    "save the picture without its metadata",
                )
            file.seek(size + 4, 1)


def _length(data: bytes, kind: bytes, most: int) -> int:
    """Bytes of a text or profile after decompression, up to `most`."""
    # Before the compressed part stand a name and, in an iTXt, two flags, a language and a title.
    begin = data.find(b"\0") + 2
    if kind == b"iTXt":
        begin = data.find(b"\0", data.find(b"\0", begin + 1) + 1) + 1
    try:
        return len(zlib.decompressobj().decompress(data[begin:], most))
    except zlib.error:
        # libav does not read it either.
        return len(data)
