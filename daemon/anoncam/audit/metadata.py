"""Parts of a picture file, other than the file itself, that may hold further pictures."""

import struct
from collections.abc import Iterable, Iterator

Spans = Iterable[tuple[int, int]]

_SOS = 0xDA
_PLAIN_SEGMENTS = {*range(0xC0, 0xE0), 0xFE}
_BASE64_PICTURES = (b"/9j/", b"iVBORw0KGgo", b"data:image", b"UklGR")
_PNG_CHUNKS = {
    *(b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"cHRM", b"gAMA", b"iCCP", b"sBIT", b"sRGB"),
    *(b"bKGD", b"hIST", b"pHYs", b"sPLT", b"tIME", b"cICP", b"mDCV", b"cLLI"),
    *(b"acTL", b"fcTL", b"fdAT"),
}
_WEBP_CHUNKS = {b"VP8 ", b"VP8L", b"VP8X", b"ALPH", b"ICCP"}
_SUB_DIRECTORIES, _STRIPS = 0x014A, 0x0111


def in_jpeg(data: bytes, end: int, embedded: Spans) -> Iterator[str]:
    """Say what a JPEG that ends at `end` may hold beside its picture and `embedded` files."""
    place = 2
    while place + 4 <= end and data[place] == 0xFF and data[place + 1] != _SOS:
        if data[place + 1] == 0xFF:
            place += 1
            continue
        size = int.from_bytes(data[place + 2 : place + 4])
        yield from _in_segment(data[place + 1], data[place + 4 : place + 2 + size])
        place += 2 + max(size, 2)
    behind = end
    for start, stop in sorted(embedded):
        if start >= behind:
            if data[behind:start].strip(b"\0"):
                yield f"{start - behind} bytes of unknown kind after its picture"
            behind = stop
    if data[behind:].strip(b"\0"):
        yield f"{len(data) - behind} bytes of unknown kind after its picture"


def _in_segment(marker: int, body: bytes) -> Iterator[str]:
    if marker in _PLAIN_SEGMENTS or body.startswith((b"ICC_PROFILE\0", b"Adobe", b"MPF\0")):
        return
    if body.startswith(b"JFIF\0"):
        if len(body) >= 14 and body[12] * body[13]:
            yield "a thumbnail in its header"
    elif body.startswith(b"Exif\0"):
        yield from in_exif(body[6:])
    elif body.startswith(b"http://ns.adobe.com/"):
        yield from _in_text(body)
    else:
        yield f"metadata of unknown kind ({body[:8]!r})"


def in_exif(tiff: bytes) -> Iterator[str]:
    """Say whether EXIF data have a thumbnail that is no JPEG."""
    directories = list(_directories(tiff))
    if any(_STRIPS in tags for tags in directories):
        yield "a thumbnail without compression in its EXIF data"
    elif len(directories) > 2:
        yield "several thumbnails in its EXIF data"
    elif not directories:
        yield "EXIF data that cannot be read"


def in_tiff(data: bytes) -> Iterator[str]:
    """Say whether a TIFF has pictures beside its page."""
    if any(_SUB_DIRECTORIES in tags for tags in _directories(data)):
        yield "thumbnails or further pictures of its page"


def in_png(data: bytes) -> Iterator[str]:
    """Say what a PNG may hold beside its pixels and whole files."""
    place, animated = 8, False
    while place + 12 <= len(data):
        size, kind = struct.unpack_from(">I4s", data, place)
        body = data[place + 8 : place + 8 + size]
        animated = animated or kind == b"fcTL"
        if kind == b"IDAT" and not animated and b"acTL" in data[:place]:
            yield "a picture that its animation does not show"
            animated = True
        elif kind == b"eXIf":
            yield from in_exif(body)
        elif kind in {b"tEXt", b"iTXt"} and b"Raw profile" not in body:
            # Compressed text cannot be searched.
            yield from _in_text(body) if _is_readable(body) else ["compressed text"]
        elif kind not in _PNG_CHUNKS:
            yield f"data of unknown kind ({kind.decode('ascii', 'replace')})"
        place += 12 + size
        if kind == b"IEND":
            break
    if data[place:].strip(b"\0"):
        yield f"{len(data) - place} bytes after its end"


def in_webp(data: bytes) -> Iterator[str]:
    """Say what a WebP may hold beside its pixels and whole files."""
    end = 8 + int.from_bytes(data[4:8], "little")
    place = 12
    while place + 8 <= min(end, len(data)):
        kind, size = struct.unpack_from("<4sI", data, place)
        body = data[place + 8 : place + 8 + size]
        if kind == b"EXIF":
            yield from in_exif(body.removeprefix(b"Exif\0\0"))
        elif kind == b"XMP ":
            yield from _in_text(body)
        elif kind not in _WEBP_CHUNKS:
            yield f"data of unknown kind ({kind.decode('ascii', 'replace')})"
        place += 8 + size + size % 2
    if data[end:].strip(b"\0"):
        yield f"{len(data) - end} bytes after its end"


def _in_text(body: bytes) -> Iterator[str]:
    if any(mark in body for mark in _BASE64_PICTURES):
        yield "a picture in its metadata, written as text"


def _is_readable(body: bytes) -> bool:
    try:
        body.decode()
    except UnicodeDecodeError:
        return False
    return True


def _directories(tiff: bytes) -> Iterator[set[int]]:
    """Read the tags of each directory of a TIFF structure, but the first's strips."""
    order = {b"II": "<", b"MM": ">"}.get(tiff[:2])
    if order is None:
        return
    seen: set[int] = set()
    try:
        (place,) = struct.unpack_from(order + "I", tiff, 4)
        while place and place not in seen:
            seen.add(place)
            (count,) = struct.unpack_from(order + "H", tiff, place)
            yield {
                struct.unpack_from(order + "H", tiff, place + 2 + 12 * number)[0]
                for number in range(count)
            }
            (place,) = struct.unpack_from(order + "I", tiff, place + 2 + 12 * count)
    except struct.error:
        return
