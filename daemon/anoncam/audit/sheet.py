"""The contact sheet: a numbered thumbnail of each finding."""

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from av.codec.context import Flags
from av.video.codeccontext import VideoCodecContext

from anoncam.audit.findings import Finding, Thumbnail
from anoncam.errors import StorageError
from anoncam.frames.boxes import Box
from anoncam.frames.frame import Frame
from anoncam.frames.video_frame import wrap
from anoncam.recording.whole_file import WholeFile

SIDE = 112
"""Width and height of a thumbnail, in pixels."""

COLUMNS = 8

MOST = 400
"""Findings that a sheet shows: those with the highest scores. The printed list has all."""

_GAP = 4
_AROUND = 0.5
"""How much of its surroundings a thumbnail shows on each side, in sizes of the face."""

_DIGITS = (
    ("###", "# #", "# #", "# #", "###"),
    (" # ", "## ", " # ", " # ", "###"),
    ("###", "  #", "###", "#  ", "###"),
    ("###", "  #", " ##", "  #", "###"),
    ("# #", "# #", "###", "  #", "  #"),
    ("###", "#  ", "###", "  #", "###"),
    ("###", "#  ", "###", "# #", "###"),
    ("###", "  #", "  #", "  #", "  #"),
    ("###", "# #", "###", "# #", "###"),
    ("###", "# #", "###", "  #", "###"),
)
"""The shapes of 0 to 9. Drawn here, since no library that draws text is on the device."""

_ENLARGED = 3


def take_thumbnail(frame: Frame, box: Box) -> Thumbnail:
    """A thumbnail of `box` (pixels) and its surroundings: upright uint8 RGB (SIDE, SIDE, 3)."""
    video = wrap(frame)
    video.color_range = frame.format.color_range
    width, height = frame.format.width, frame.format.height
    half = max(box[2] - box[0], box[3] - box[1]) * (0.5 + _AROUND)
    across, down = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
    columns = np.linspace(across - half, across + half, SIDE).clip(0, width - 1).astype(int)
    rows = np.linspace(down - half, down + half, SIDE).clip(0, height - 1).astype(int)
    picture = video.to_ndarray(format="rgb24")
    part = picture[np.ix_(rows, columns)].astype(np.uint8, copy=False)
    return np.ascontiguousarray(np.rot90(part, -frame.format.rotation // 90))


def write_sheet(findings: Sequence[Finding], path: Path, *, force: bool) -> None:
    """Write a PNG with the thumbnails of `findings`, numbered from 1 in their order.

    Only its owner may read it, since it shows faces.

    Raises:
        StorageError: `path` exists and `force` is false, or it cannot be written.
    """
    if path.suffix.lower() != ".png":
        raise StorageError(f"{path} is not the name of a PNG", "end it in .png")
    output = WholeFile(path, force=force)
    try:
        output.write(encode_png(lay_out_sheet(findings)), 0o600)
        output.commit()
    finally:
        output.abort()


def lay_out_sheet(findings: Sequence[Finding]) -> Thumbnail:
    """The sheet as an RGB picture: uint8 of shape (height, width, 3)."""
    by_score = sorted(range(len(findings)), key=lambda number: -findings[number].score)
    shown = sorted(by_score[:MOST])
    rows = -(-len(shown) // COLUMNS)
    sheet = np.full((_GAP + rows * (SIDE + _GAP), _GAP + COLUMNS * (SIDE + _GAP), 3), 255, np.uint8)
    for place, number in enumerate(shown):
        top, left = (_GAP + index * (SIDE + _GAP) for index in divmod(place, COLUMNS))
        tile = sheet[top : top + SIDE, left : left + SIDE]
        tile[:] = findings[number].thumbnail
        write_number(tile, number + 1)
    return sheet


def write_number(tile: Thumbnail, number: int) -> None:
    """Write a number into the upper left corner of `tile`, white on black."""
    rows = [" ".join(_DIGITS[int(digit)][row] for digit in str(number)) for row in range(5)]
    ink = np.array([[letter == "#" for letter in f" {row} "] for row in ("", *rows, "")], object)
    widest = max(len(line) for line in ink)
    shape = np.zeros((len(ink), widest), bool)
    for row, line in enumerate(ink):
        shape[row, : len(line)] = line
    large = shape.repeat(_ENLARGED, axis=0).repeat(_ENLARGED, axis=1)[
        : tile.shape[0], : tile.shape[1]
    ]
    tile[: large.shape[0], : large.shape[1]] = np.where(large[..., None], 255, 0)


def encode_png(picture: Thumbnail) -> bytes:
    """An RGB picture as PNG, without metadata."""
    encoder = av.CodecContext.create("png", "w")
    if not isinstance(encoder, VideoCodecContext):
        raise TypeError("png is not a video encoder")
    encoder.height, encoder.width = picture.shape[:2]
    encoder.pix_fmt, encoder.time_base = "rgb24", Fraction(1)
    encoder.flags |= Flags.bitexact
    packets = [*encoder.encode(av.VideoFrame.from_ndarray(picture, "rgb24")), *encoder.encode(None)]
    return b"".join(bytes(packet) for packet in packets)
