"""One captured picture in the frame pool, and the format that all frames of a source share."""

from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from anoncam.frames.shared_memory import Place

Plane = NDArray[np.uint8]


class Layout(StrEnum):
    """How luma and chroma lie in memory; the values are libav's names."""

    I420 = "yuv420p"
    NV12 = "nv12"


class Fields(StrEnum):
    """Which of the two fields of an interlaced frame is shown first; the values are x264's."""

    NONE = ""
    TOP_FIRST = "tff"
    BOTTOM_FIRST = "bff"


@dataclass(frozen=True)
class FrameFormat:
    """What all frames of one source have in common.

    `stride` is the length of a luma row in bytes. It is even, and may exceed `width`. A chroma row
    of I420 is half as long, one of NV12 as long. `frame_rate` is nominal; timestamps are exact.
    `rotation` is the clockwise turn, in degrees, after which the picture is upright. Colour numbers
    are libav's: 2 is unspecified, but for `color_range`, where 2 is the full range.
    """

    width: int
    height: int
    stride: int
    layout: Layout = Layout.I420
    frame_rate: Fraction = Fraction(30)
    rotation: int = 0
    color_range: int = 0
    colorspace: int = 2
    color_primaries: int = 2
    color_trc: int = 2
    sample_aspect_ratio: Fraction = Fraction(1)
    fields: Fields = Fields.NONE
    lores: "FrameFormat | None" = None

    @property
    def rows(self) -> int:
        """Rows of the buffer: those of luma, rounded up to an even number, and half as many."""
        return (self.height + self.height % 2) * 3 // 2

    @property
    def size(self) -> int:
        """Bytes of one frame without its `lores` picture."""
        return self.rows * self.stride


def tight(width: int, height: int, layout: Layout = Layout.I420) -> FrameFormat:
    """The format of a picture without padding between its rows, but for an odd width."""
    return FrameFormat(width, height, width + width % 2, layout)


@dataclass(eq=False)
class Picture:
    """Planes over one buffer, all of them views.

    `buffer` has shape (rows, stride); `luma` (height, width); `chroma` is (U, V), each of shape
    (ceil(height / 2), ceil(width / 2)), or for NV12 a single plane of pairs with a third axis of
    length 2. All uint8.
    """

    format: FrameFormat
    buffer: Plane
    luma: Plane
    chroma: tuple[Plane, ...]


def lay_out(buffer: Plane, picture_format: FrameFormat) -> Picture:
    """The planes of `buffer`, a contiguous uint8 array of shape (rows, stride)."""
    width, height, stride = picture_format.width, picture_format.height, picture_format.stride
    luma_rows = height + height % 2
    columns, rows = -(-width // 2), -(-height // 2)
    luma = buffer[:height, :width]
    flat = buffer[luma_rows:]
    if picture_format.layout is Layout.NV12:
        return Picture(
            picture_format, buffer, luma, (flat.reshape(-1, stride // 2, 2)[:rows, :columns],)
        )
    first, second = flat.reshape(2, luma_rows // 2, stride // 2)
    return Picture(picture_format, buffer, luma, (first[:rows, :columns], second[:rows, :columns]))


@dataclass(frozen=True)
class FrameTime:
    """The two times of a frame, in nanoseconds, both growing strictly from frame to frame.

    `arrival` is when the frame came: by the monotonic clock of the machine for a live source, by
    the file's own time for a file. All decisions use it. `presentation` is only written into the
    footage: it follows the stamps of the stream while these can be true.
    """

    arrival: int
    presentation: int


@dataclass(eq=False)
class Frame(Picture):
    """A raw picture in the pool. Only the anonymizer may hand its pixels on.

    `timestamp` is the arrival of `FrameTime`. `sequence` counts captured frames: a jump in it shows
    that frames were dropped. `lores` is the camera's own small picture of the same frame, if it
    makes one. `place` is where its buffer is in the shared memory, if it is there.
    """

    lores: Picture | None = None
    timestamp: int = 0
    presentation: int = 0
    sequence: int = 0
    place: "Place | None" = None

    def stamp(self, time: FrameTime) -> None:
        """Take the times of a capture."""
        self.timestamp, self.presentation = time.arrival, time.presentation
