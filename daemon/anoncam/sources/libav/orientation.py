"""Reads which way up the pictures of a file are, from its display matrix or its EXIF."""

import struct
from collections.abc import Generator
from typing import cast

import av
import numpy as np
from av.buffer import Buffer

from anoncam.sources.libav.filtering import filtered
from anoncam.sources.libav.open_file import OpenFile

_ORIENTATION_TAG = 0x0112
_WHOLE_TURN = 360
_MIRRORED = {2, 4, 5, 7}
_MARKERS = ((b"Exif\0\0", 6), (b"eXIf", 4), (b"EXIF", 8))
"""What precedes the TIFF structure of EXIF in a JPEG, a PNG and a WebP, and by how many bytes."""


def clockwise_turn(frame: av.VideoFrame, media: OpenFile) -> int:
    """Return the clockwise turn (0, 90, 180 or 270 degrees) that makes the pictures upright.

    A picture that should be mirrored, too, is mirrored by `mirror_frames`.
    """
    if abs(frame.rotation) > _WHOLE_TURN:
        # A matrix of zeros, as some writers leave it, has no angle. Players ignore it.
        return 0
    turn = round(-frame.rotation / 90) * 90 % 360
    # libav reads the turn from the first column of the matrix alone. In the matrix of a mirrored
    # picture that column points the other way.
    if turn in {0, 180} and _is_mirrored(frame, media):
        turn = 180 - turn
    return turn


def mirror_frames(frames: Generator[av.VideoFrame], media: OpenFile) -> Generator[av.VideoFrame]:
    """Yield `frames`, mirrored if the first says so, as a front camera's often does.

    They are mirrored so that they are what people see after the turn that they ask for.
    """
    first = next(frames, None)
    if first is None:
        return
    again = _begin_with(first, frames)
    if _is_mirrored(first, media):
        is_on_its_side = clockwise_turn(first, media) in {90, 270}
        again = filtered(again, "vflip" if is_on_its_side else "hflip")
    del first
    yield from again


def _begin_with(first: av.VideoFrame, frames: Generator[av.VideoFrame]) -> Generator[av.VideoFrame]:
    yield first
    # It is not kept while the others are read.
    del first
    yield from frames


def _is_mirrored(frame: av.VideoFrame, media: OpenFile) -> bool:
    try:
        matrix = cast("Buffer | None", frame.side_data.get("DISPLAYMATRIX"))
    except ValueError:
        # PyAV does not know the kind of side data in which libav gives EXIF, and then gives none
        # at all.
        return exif_orientation(media.read_bytes()) in _MIRRORED
    if matrix is None:
        return False
    a, b, _, c, d = np.frombuffer(memoryview(matrix), np.int32)[:5].astype(float)
    return bool(a * d - b * c < 0)


def exif_orientation(data: bytes) -> int | None:
    """Return the orientation (1 to 8, as in EXIF 2.3) that a picture file states, or None."""
    for marker, length in _MARKERS:
        position = data.find(marker)
        if position >= 0:
            return _tiff_orientation(data[position + length : position + length + 65536])
    return _tiff_orientation(data)


def _tiff_orientation(data: bytes) -> int | None:
    order = {b"II*\0": "<", b"MM\0*": ">"}.get(data[:4])
    if order is None:
        return None
    try:
        (directory,) = struct.unpack_from(order + "I", data, 4)
        (count,) = struct.unpack_from(order + "H", data, directory)
        for index in range(count):
            tag, _, _, value = struct.unpack_from(order + "HHIH", data, directory + 2 + 12 * index)
            if tag == _ORIENTATION_TAG:
                return int(value)
    except struct.error:
        return None
    return None
