"""Kinds of pictures that libav would read only in part, found by their content.

libav gives the first page of a TIFF and single tiles of a HEIC, and knows no transparency and no
crop in a HEIC. A file of which it would read less, or more, than people see is refused.
"""

import struct
from collections.abc import Iterator

from anoncam.errors import InputError
from anoncam.sources.libav.open_file import OpenFile

_HEIF_BRANDS = {b"heic", b"heix", b"heim", b"heis", b"mif1", b"mif2", b"avif", b"miaf"}
_SEQUENCE_BRANDS = {b"avis", b"msf1", b"hevc", b"hevx"}
_COMPOSED = {
    b"grid": "is made of tiles",
    b"iovl": "is laid together from several pictures",
    b"iden": "is a changed view of another picture",
    b"auxiliary:alpha": "has transparency",
    b"hevc:2015:auxid:1": "has transparency",
    b"clap": "shows a part of what it holds",
}
"""Marks in the header of a HEIC or AVIF, and what they mean."""

_LARGEST_HEADER = 16 << 20
_MOST_PAGES = 65536
_ANIMATED = 0x02


def is_still(media: OpenFile) -> bool:
    """Tell whether a file is a HEIC or AVIF with a still, whatever its name says."""
    return bool(_brands(_head(media)) & _HEIF_BRANDS)


def refuse_partial(media: OpenFile) -> None:
    """Refuse a picture of which libav would not read what people see.

    Raises:
        InputError: it is of such a kind.
    """
    head = _head(media)
    if _is_animated_webp(head):
        raise InputError(
            f"{media} is an animated WebP, which is not read",
            "convert it to GIF, APNG or MP4 first",
        )
    if head[:4] in {b"II*\0", b"MM\0*", b"II+\0", b"MM\0+"}:
        pages = sum(1 for _ in _pages(media.read_bytes()))
        if pages != 1:
            raise InputError(
                f"{media} has {pages} pages, and only one could be read",
                "save each page as a file of its own",
            )
    brands = _brands(head)
    if not brands & (_HEIF_BRANDS | {b"avis", b"msf1"}):
        return
    if brands & _SEQUENCE_BRANDS:
        raise InputError(f"{media} is an animated HEIC or AVIF", "convert it to MP4 first")
    header = _header(media)
    for mark, meaning in _COMPOSED.items():
        if mark in header:
            raise InputError(
                f"{media} is a HEIC or AVIF that {meaning}, which is not supported",
                "convert it to JPEG or PNG first, for instance with heif-convert",
            )


def _head(media: OpenFile) -> bytes:
    try:
        with media.open() as file:
            return file.read(256)
    except OSError as error:
        raise InputError(f"{media} cannot be read: {error.strerror}") from error


def _brands(head: bytes) -> set[bytes]:
    if head[4:8] != b"ftyp":
        return set()
    size = min(int.from_bytes(head[:4]), len(head))
    return {head[8:12], *(head[place : place + 4] for place in range(16, size - 3, 4))}


def _header(media: OpenFile) -> bytes:
    """Read the box `meta`, which describes all items of a HEIC or AVIF."""
    with media.open() as file:
        while len(start := file.read(8)) == 8:
            size = int.from_bytes(start[:4])
            if start[4:] == b"meta":
                return file.read(min(size, _LARGEST_HEADER))
            if size < 8:
                break
            file.seek(size - 8, 1)
    return b""


def _is_animated_webp(head: bytes) -> bool:
    is_extended = head[:4] == b"RIFF" and head[8:16] == b"WEBPVP8X"
    return is_extended and len(head) > 20 and bool(head[20] & _ANIMATED)


def _pages(data: bytes) -> Iterator[int]:
    """Find the directories of a TIFF, each of which is a page."""
    order = "<" if data[:2] == b"II" else ">"
    is_big = 43 in data[2:4]
    number, entry, count = ("Q", 20, "Q") if is_big else ("I", 12, "H")
    seen: set[int] = set()
    try:
        (place,) = struct.unpack_from(order + number, data, 8 if is_big else 4)
        while place and place not in seen and len(seen) < _MOST_PAGES:
            seen.add(place)
            yield place
            (entries,) = struct.unpack_from(order + count, data, place)
            end = place + struct.calcsize(order + count) + entry * entries
            (place,) = struct.unpack_from(order + number, data, end)
    except struct.error:
        return
