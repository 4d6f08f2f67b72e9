"""What libav does not report of a JPEG: whether it is whole, and whether it is a video.

The format is in ITU-T T.81, B.1.1.
"""

from anoncam.sources.libav.open_file import OpenFile

_START, _END, _SCAN = b"\xff\xd8", b"\xff\xd9", b"\xff\xda"
_METADATA = (b"Exif\0", b"MPF\0", b"http://ns.adobe.com/xap/")
"""How the metadata of photographs begin."""


def is_jpeg_whole(media: OpenFile) -> bool:
    """Return whether the pixels of a JPEG are complete; libav fills missing ones with grey."""
    data = media.read_bytes()
    return data.find(_END, _first_scan(data)) > 0


def is_raw_mjpeg(media: OpenFile) -> bool:
    """Return whether a JPEG is the first of a video: another one follows at once.

    A photograph may hold several pictures too, but then it has metadata.
    """
    data = media.read_bytes()
    scan = _first_scan(data)
    end = data.find(_END, scan)
    is_photograph = any(mark in data[:scan] for mark in _METADATA)
    return end > 0 and data[end + 2 : end + 4] == _START and not is_photograph


def _first_scan(data: bytes) -> int:
    """Find the first scan; pictures in the metadata before it have marks of their own."""
    place = 2
    while data[place : place + 1] == b"\xff" and data[place : place + 2] not in {_SCAN, b"\xff"}:
        place += 1 if data[place + 1] == 0xFF else 2 + int.from_bytes(data[place + 2 : place + 4])
    return place
