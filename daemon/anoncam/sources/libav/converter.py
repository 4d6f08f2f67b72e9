"""Copies pictures from libav's decoders into frames of the pool."""

import av
import numpy as np
from av.video.plane import VideoPlane
from av.video.reformatter import Colorspace, VideoReformatter

from anoncam.errors import InputError
from anoncam.frames.frame import FrameFormat, Layout, Picture, Plane
from anoncam.sources.libav.frame_format import (
    DIRECT,
    FULL_RANGE,
    LIMITED_RANGE,
    is_full_range,
    is_yuv,
)
from anoncam.sources.libav.transparency import flatten, has_alpha

_NEUTRAL = 128
"""The chroma sample of grey."""


class Converter:
    """Copies decoded pictures; swscale is used only if the pixel format, the size or
    the range of samples differs.

    Transparent pictures are laid on a `background` of that tone.
    """

    def __init__(self, background: int = 0) -> None:
        self._background = background
        self._reformatter = VideoReformatter()

    def copy(self, source: av.VideoFrame, target: Picture) -> None:
        """Copy the picture; `source` is not written to.

        Raises:
            InputError: swscale cannot convert it.
        """
        if has_alpha(source):
            source = flatten(source, self._background)
        same_size = (source.width, source.height) == (target.format.width, target.format.height)
        as_it_is = same_size and not _has_another_range(source, target.format)
        if as_it_is and source.format.name == "gray" and target.format.layout is Layout.I420:
            np.copyto(target.luma, _samples(source.planes[0]))
            for plane in target.chroma:
                plane.fill(_NEUTRAL)
            return
        if not as_it_is or DIRECT.get(source.format.name) is not target.format.layout:
            source = self._convert(source, target.format)
        for plane, samples in zip((target.luma, *target.chroma), source.planes, strict=True):
            np.copyto(plane, _samples(samples, plane.ndim))

    def _convert(self, source: av.VideoFrame, target: FrameFormat) -> av.VideoFrame:
        # Both sides get the same matrix. So YUV keeps its own, which stays in the tags, and RGB
        # becomes BT.601.
        from_yuv = is_yuv(source)
        target_range = FULL_RANGE if target.color_range == FULL_RANGE else LIMITED_RANGE
        if not from_yuv or is_full_range(source):
            source_range = FULL_RANGE
        elif source.color_range == LIMITED_RANGE:
            source_range = LIMITED_RANGE
        else:
            # What the source does not say stays as it is.
            source_range = target_range
        try:
            return self._reformatter.reformat(
                source,
                width=target.width,
                height=target.height,
                format=str(target.layout),
                src_colorspace=Colorspace.ITU601 if from_yuv else None,
                dst_colorspace=Colorspace.ITU601,
                src_color_range=source_range,
                dst_color_range=target_range,
                threads=1,
            )
        except av.FFmpegError as error:
            raise InputError(
                f"pictures in {source.format.name} cannot be converted: {error.strerror}"
            ) from error


def _has_another_range(source: av.VideoFrame, target: FrameFormat) -> bool:
    """Tell whether the range of samples is not that of the first picture, as in joined clips."""
    is_full = is_full_range(source)
    is_stated = is_full or source.color_range == LIMITED_RANGE
    return is_yuv(source) and is_stated and is_full != (target.color_range == FULL_RANGE)


def _samples(plane: VideoPlane, dimensions: int = 2) -> Plane:
    """View the samples of `plane` in place.

    The shape is (rows, columns), or (rows, columns, 2) for pairs of U and V.
    """
    stride = abs(plane.line_size)
    rows = np.frombuffer(memoryview(plane), np.uint8).reshape(plane.height, stride)
    if plane.line_size < 0:
        rows = rows[::-1]
    if dimensions == 3:
        return rows[:, : stride // 2 * 2].reshape(plane.height, -1, 2)[:, : plane.width]
    return rows[:, : plane.width]
