"""The type that only the anonymizer can make and that alone reaches an encoder (invariant 2)."""

from typing import final

import av

from anoncam.frames.frame import Frame, FrameFormat
from anoncam.frames.video_frame import wrap
from anoncam.tracking.coverage import Coverage

_MAKERS_KEY = object()


@final
class AnonymizedFrame:
    """A frame whose coverage has been applied, in the very buffer of the raw frame that it takes
    over.
    """

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
        """The sensor's timestamp in nanoseconds."""
        return self._frame.timestamp

    @property
    def sequence(self) -> int:
        """The number of the captured frame."""
        return self._frame.sequence

    @property
    def faces(self) -> int:
        """How many boxes were to be covered in it."""
        return len(self._coverage.boxes)

    @property
    def veil(self) -> str:
        """Why all of it is covered; empty where it is not."""
        return self._coverage.veil

    def video_frame(self) -> av.VideoFrame:
        """The picture for an encoder, over the same memory where PyAV can; odd sizes are rounded
        up.
        """
        return wrap(self._frame)
