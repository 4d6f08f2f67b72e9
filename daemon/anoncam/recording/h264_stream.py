"""The H.264 stream that frames are encoded into, set up alike for segments and for whole files."""

import math
from fractions import Fraction

import av
import numpy as np
from av.container import OutputContainer
from av.video.stream import VideoStream

from anoncam.anonymizer.anonymized_frame import AnonymizedFrame
from anoncam.clock import NANOSECONDS
from anoncam.frames.frame import Fields, FrameFormat, Plane

LIBX264 = "libx264"
V4L2M2M = "h264_v4l2m2m"

FILE_OPTIONS = {"preset": "ultrafast", "crf": "23"}


def live_options(codec: str, bitrate: int) -> dict[str, str]:
    """The encoder's options for segments: no delay, and at most `bitrate` (kbit/s) on average."""
    if codec != LIBX264:
        return {"b": f"{bitrate}k"}
    limit = {"maxrate": f"{bitrate}k", "bufsize": f"{2 * bitrate}k"}
    return {"preset": "ultrafast", "tune": "zerolatency", "crf": "23", "forced-idr": "1", **limit}


def is_odd(frame_format: FrameFormat) -> bool:
    """Whether the width or height is odd, which H.264 with halved chroma cannot express."""
    return bool(frame_format.width % 2 or frame_format.height % 2)


def add_video_stream(
    container: OutputContainer,
    codec: str,
    frame_format: FrameFormat,
    time_base: Fraction,
    options: dict[str, str],
) -> VideoStream:
    """A stream with the size, pixels, colours, aspect ratio, fields and rotation of a format."""
    if codec == LIBX264 and frame_format.fields is not Fields.NONE:
        options = options | {"x264-params": f"{frame_format.fields}=1"}
    stream = container.add_stream(
        codec,
        rate=frame_format.frame_rate,
        options=options,
        # H.264 with halved chroma, which plays everywhere, has even sides.
        width=frame_format.width + frame_format.width % 2,
        height=frame_format.height + frame_format.height % 2,
        time_base=time_base,
    )
    if not isinstance(stream, VideoStream):
        raise TypeError(f"{codec} is not a video encoder")
    stream.pix_fmt = str(frame_format.layout)
    context = stream.codec_context
    context.sample_aspect_ratio = frame_format.sample_aspect_ratio
    context.color_range = frame_format.color_range
    context.colorspace = frame_format.colorspace
    context.color_primaries = frame_format.color_primaries
    context.color_trc = frame_format.color_trc
    if frame_format.rotation:
        # PyAV counts counter-clockwise, FrameFormat clockwise.
        stream.set_display_rotation(-frame_format.rotation)
    return stream


def picture(frame: AnonymizedFrame) -> av.VideoFrame:
    """The picture to encode, in the same memory where PyAV can; an odd side is longer by one."""
    return frame.video_frame()


def exact_planes(frame: AnonymizedFrame) -> Plane:
    """A copy of Y, U and V in the exact size of the picture: shape (3, height, width), uint8."""
    planes = (
        frame.video_frame().reformat(format="yuv444p").to_ndarray().astype(np.uint8, copy=False)
    )
    return np.ascontiguousarray(planes[:, : frame.format.height, : frame.format.width])


def ticks(nanoseconds: int, time_base: Fraction) -> int:
    """`nanoseconds` in units of `time_base`, rounded to the nearest."""
    numerator = nanoseconds * time_base.denominator
    denominator = NANOSECONDS * time_base.numerator
    return (2 * numerator + denominator) // (2 * denominator)


def interval(frame_format: FrameFormat) -> int:
    """The nominal nanoseconds from frame to frame."""
    return math.ceil(NANOSECONDS / frame_format.frame_rate)
