"""From libav's decoded frames to frames of the pool, in one copy."""

from fractions import Fraction

import av
import numpy as np
from av.video.plane import VideoPlane
from av.video.reformatter import Colorspace, VideoReformatter
from av.video.stream import VideoStream

from anoncam.errors import InputError
from anoncam.frames.frame import Frame, FrameFormat, FrameTime, Layout, Picture, Plane
from anoncam.sources.shared_handle import SharedHandle

_DIRECT = {"yuv420p": Layout.I420, "yuvj420p": Layout.I420, "nv12": Layout.NV12}
"""Pixel formats that need no conversion."""

_LIMITED_RANGE, _FULL_RANGE = 1, 2
_BT470BG = 5
_LARGEST_RATE = 240
_NEUTRAL = 128


def describe_format(frame: av.VideoFrame, stream: VideoStream, rotation: int) -> FrameFormat:
    """The format that all frames of `stream` are brought to, after its first one.

    `rotation` is the turn in degrees clockwise. What is not Y, U and V becomes BT.601 in full
    range, as in a JPEG; everything else keeps its colour tags.
    """
    from_rgb = not _is_yuv(frame)
    return FrameFormat(
        width=frame.width,
        height=frame.height,
        stride=frame.width + frame.width % 2,
        layout=_DIRECT.get(frame.format.name, Layout.I420),
        frame_rate=_frame_rate(stream),
        rotation=rotation % 360,
        color_range=_FULL_RANGE if from_rgb or _is_full_range(frame) else frame.color_range,
        colorspace=_BT470BG if from_rgb else frame.colorspace,
        color_primaries=frame.color_primaries,
        color_trc=frame.color_trc,
        sample_aspect_ratio=stream.sample_aspect_ratio or Fraction(1),
    )


def _frame_rate(stream: VideoStream) -> Fraction:
    # Where libav does not know the rate it may give the time base instead: 1000 frames per second
    # for WebM.
    rates = (stream.average_rate, stream.guessed_rate)
    return next(
        (rate for rate in rates if rate is not None and 0 < rate <= _LARGEST_RATE), Fraction(30)
    )


def _is_yuv(frame: av.VideoFrame) -> bool:
    return frame.format.name == "gray" or (
        not frame.format.is_rgb and len(frame.format.components) >= 3
    )


def _is_full_range(frame: av.VideoFrame) -> bool:
    return frame.color_range == _FULL_RANGE or frame.format.name.startswith("yuvj")


class Converter:
    """Copies decoded frames into pictures of the pool; swscale comes in only where the pixel format
    or size differs.
    """

    def __init__(self) -> None:
        self._reformatter = VideoReformatter()

    def copy(self, source: av.VideoFrame, target: Picture) -> None:
        """Copy the picture; `source` is not written.

        Raises:
            InputError: swscale cannot convert it.
        """
        same_size = (source.width, source.height) == (target.format.width, target.format.height)
        if same_size and source.format.name == "gray" and target.format.layout is Layout.I420:
            np.copyto(target.luma, _samples(source.planes[0]))
            for plane in target.chroma:
                plane.fill(_NEUTRAL)
            return
        if not same_size or _DIRECT.get(source.format.name) is not target.format.layout:
            source = self._convert(source, target.format)
        for plane, samples in zip((target.luma, *target.chroma), source.planes, strict=True):
            np.copyto(plane, _samples(samples, plane.ndim))

    def _convert(self, source: av.VideoFrame, target: FrameFormat) -> av.VideoFrame:
        # Both sides get the same matrix, so that YUV keeps its own (it stays in the tags), and RGB
        # becomes BT.601.
        is_yuv = _is_yuv(source)
        try:
            return self._reformatter.reformat(
                source,
                width=target.width,
                height=target.height,
                format=str(target.layout),
                src_colorspace=Colorspace.ITU601 if is_yuv else None,
                dst_colorspace=Colorspace.ITU601,
                src_color_range=_FULL_RANGE
                if _is_full_range(source) or not is_yuv
                else _LIMITED_RANGE,
                dst_color_range=_FULL_RANGE
                if target.color_range == _FULL_RANGE
                else _LIMITED_RANGE,
                threads=1,
            )
        except av.FFmpegError as error:
            raise InputError(
                f"pictures in {source.format.name} cannot be converted: {error.strerror}"
            ) from error


def _samples(plane: VideoPlane, dimensions: int = 2) -> Plane:
    """The samples of `plane` in place: shape (rows, columns), or (rows, columns, 2) for pairs of U
    and V.
    """
    stride = abs(plane.line_size)
    rows = np.frombuffer(memoryview(plane), np.uint8).reshape(plane.height, stride)
    if plane.line_size < 0:
        rows = rows[::-1]
    if dimensions == 3:
        return rows[:, : stride // 2 * 2].reshape(plane.height, -1, 2)[:, : plane.width]
    return rows[:, : plane.width]


class DecodedCapture:
    """A decoded frame, still in the decoder's buffer; keeps `handle` open until it is closed."""

    def __init__(
        self, source: av.VideoFrame, time: FrameTime, converter: Converter, handle: SharedHandle
    ) -> None:
        self.time = time
        self._source: av.VideoFrame | None = source
        self._converter = converter
        self._handle = handle
        self._holds = handle.take()

    def copy_into(self, frame: Frame) -> None:
        """Copy the picture and its times into `frame`."""
        if self._source is None:
            raise ValueError("this capture is closed")
        self._converter.copy(self._source, frame)
        frame.stamp(self.time)

    def close(self) -> None:
        """Give the buffer back to the decoder; idempotent."""
        self._source = None
        if self._holds:
            self._holds = False
            self._handle.give_back()
