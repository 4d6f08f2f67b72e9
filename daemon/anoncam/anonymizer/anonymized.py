"""The type that only the anonymizer can make and that alone reaches an encoder (invariant 2)."""

from typing import final

import av
import numpy as np

from anoncam.frame import Frame, FrameFormat, Layout

_MAKERS_KEY = object()


@final
class AnonymizedFrame:
    """A frame whose coverage has been applied, in the very buffer of the raw frame that it takes over."""

    __slots__ = ("_frame",)

    def __init__(self, frame: Frame, key: object) -> None:
        if key is not _MAKERS_KEY:
            raise TypeError("only the anonymizer makes an AnonymizedFrame")
        self._frame = frame

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

    def video_frame(self) -> av.VideoFrame:
        """The picture for an encoder, over the same memory; an odd width or height is rounded up.

        A height that is not a multiple of 4 then is copied: PyAV would take it for the next smaller one.
        """
        frame_format, buffer = self._frame.format, self._frame.buffer
        width, height = frame_format.width + frame_format.width % 2, frame_format.height + frame_format.height % 2
        if height % 4 == 0:
            return av.VideoFrame.from_numpy_buffer(buffer, str(frame_format.layout), width=width)
        video = av.VideoFrame(width, height, str(frame_format.layout))
        parts = [buffer[:height, :width], buffer[height:, :width]]
        if frame_format.layout is Layout.I420:
            parts[1:] = buffer[height:].reshape(2, height // 2, frame_format.stride // 2)[:, :, : width // 2]
        for plane, part in zip(video.planes, parts, strict=True):
            np.frombuffer(memoryview(plane), np.uint8).reshape(-1, plane.line_size)[
                : part.shape[0], : part.shape[1]
            ] = part
        return video
