"""The only type that encoders take, and that only the anonymizer can make (invariant 2)."""

from typing import final

from anoncam.frames.boxes import Box
from anoncam.frames.frame import Frame, FrameFormat
from anoncam.frames.video_frame import VideoFrame, wrap
from anoncam.tracking.coverage import Coverage

_MAKERS_KEY = object()


@final
class AnonymizedFrame:
    """A frame whose coverage has been applied, in the buffer of the raw frame."""

    __slots__ = ("_coverage", "_frame")

    def __init__(self, frame: Frame, coverage: Coverage, key: object) -> None:
        if key is not _MAKERS_KEY:
            raise TypeError("only the anonymizer makes an AnonymizedFrame")
        self._frame = frame
        self._coverage = coverage

    @property
    def format(self) -> FrameFormat:
        """The format of the picture."""
        return self._frame.format

    @property
    def timestamp(self) -> int:
        """When the frame came, in nanoseconds: see `FrameTime`."""
        return self._frame.timestamp

    @property
    def presentation(self) -> int:
        """When the footage shows the frame, in nanoseconds: see `FrameTime`."""
        return self._frame.presentation

    @property
    def sequence(self) -> int:
        """The number of the captured frame."""
        return self._frame.sequence

    @property
    def coverage(self) -> Coverage:
        """What was covered, besides the zones."""
        return self._coverage

    @property
    def boxes(self) -> tuple[Box, ...]:
        """The boxes that are covered, in pixels; the squares reach a little further."""
        return tuple(cover.box for cover in self._coverage.boxes)

    @property
    def faces(self) -> int:
        """The number of boxes that are covered."""
        return len(self._coverage.boxes)

    @property
    def veil(self) -> str:
        """Why the whole frame is covered; empty where it is not."""
        return self._coverage.veil

    def video_frame(self) -> VideoFrame:
        """The picture for an encoder, with even sides; over the same memory where PyAV can.

        An odd side grows by one: its last column or row is repeated.
        """
        width, height = self.format.width, self.format.height
        # What lies there was no part of the picture, and may be anything.
        if width % 2:
            self._frame.buffer[:height, width] = self._frame.luma[:, -1]
        if height % 2:
            self._frame.buffer[height] = self._frame.buffer[height - 1]
        return wrap(self._frame)
