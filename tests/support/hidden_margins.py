"""Makes files whose container hides the edges of their pictures: no muxer here writes those."""

import struct
from pathlib import Path

_TRACKS, _TRACK, _VIDEO = b"\x16\x54\xae\x6b", b"\xae", b"\xe0"
_CLUSTER, _SEGMENT, _WIDTH = b"\x1f\x43\xb6\x75", b"\x18\x53\x80\x67", 0xB0
_CROPS = (b"\x54\xcc", b"\x54\xbb", b"\x54\xdd", b"\x54\xaa")
_BOXES = (b"moov", b"trak", b"mdia", b"minf", b"stbl", b"stsd", b"avc1")


def crop_matroska(path: Path, left: int, top: int, right: int, bottom: int) -> Path:
    """Let the only video track of a Matroska file hide pixels at its edges."""
    data = path.read_bytes()
    values = zip(_CROPS, (left, top, right, bottom), strict=True)
    added = b"".join(name + b"\x82" + value.to_bytes(2) for name, value in values)
    tracks = data.rindex(_TRACKS, 0, data.index(_CLUSTER))
    track = data.index(_TRACK, _content(data, tracks + 4)[0])
    video = data.index(_VIDEO, _content(data, track + 1)[0])
    while data[_content(data, video + 1)[0]] != _WIDTH:
        video = data.index(_VIDEO, video + 1)
    # From the inside out, as each size includes those within.
    grown = 0
    for place, length in ((video, 1), (track, 1), (tracks, 4)):
        begin, end = _content(data, place + length)
        content = (added if place == video else b"") + data[begin : end + grown]
        head = data[place : place + length] + (len(content) | 1 << 56).to_bytes(8)
        data = data[:place] + head + content + data[end + grown :]
        grown = len(head) + len(content) - (end - place)
    # Nothing has to know how long the segment is.
    segment = data.index(_SEGMENT) + len(_SEGMENT)
    begin, _ = _content(data, segment)
    path.write_bytes(data[:segment] + b"\x01" + b"\xff" * 7 + data[begin:])
    return path


def crop_mp4(path: Path, width: int, height: int, right_by: int, down_by: int) -> Path:
    """Give an MP4 that ends with its index a clean aperture, by so much off the centre."""
    data = bytearray(path.read_bytes())
    aperture = struct.pack(">I4s8i", 40, b"clap", width, 1, height, 1, right_by, 1, down_by, 1)
    place = 0
    for kind in _BOXES:
        place = data.index(kind, place) - 4
        (size,) = struct.unpack_from(">I", data, place)
        struct.pack_into(">I", data, place, size + len(aperture))
        place += 8
    end = place - 8 + size
    data[end:end] = aperture
    path.write_bytes(data)
    return path


def _content(data: bytes, place: int) -> tuple[int, int]:
    """Where the content of an element begins and ends whose size is at `place`."""
    length = 9 - data[place].bit_length()
    size = int.from_bytes(data[place : place + length]) & ((1 << 7 * length) - 1)
    return place + length, place + length + size
