"""Derives the format of the frames of a stream from its first decoded picture."""

from fractions import Fraction

import av
from av.video.stream import VideoStream

from anoncam.frames.frame import Fields, FrameFormat, Layout
from anoncam.sources.libav.transparency import has_alpha

DIRECT = {"yuv420p": Layout.I420, "yuvj420p": Layout.I420, "nv12": Layout.NV12}
"""Pixel formats of libav that need no conversion."""

_GREY_PICTURES = {"mjpeg", "bmp", "jpeg2000", "pam", "pgm", "psd", "sgi", "tiff", "webp", "jpegls"}
"""Codecs of pictures."""

LIMITED_RANGE, FULL_RANGE = 1, 2
"""libav's numbers for the range of samples."""

_FULL_BY_NATURE = {"jpegls", "mjpeg"}
"""Codecs whose samples have the full range where nothing says otherwise."""

_BOTTOM_FIRST = {3, 4}
"""libav's numbers for orders of fields in which the bottom field is shown first."""

_BT470BG = 5
_LARGEST_RATE = 240


def describe_format(picture: av.VideoFrame, stream: VideoStream, rotation: int) -> FrameFormat:
    """Return the format to which all pictures of `stream` are converted, after its first `picture`.

    `rotation` is the turn in degrees clockwise. RGB becomes BT.601 in full range, as in a JPEG. YUV
    keeps its colour tags.
    """
    from_rgb = not is_yuv(picture)
    is_full = (
        from_rgb
        or is_full_range(picture)
        or _is_grey_picture(picture, stream)
        or _is_full_by_nature(picture, stream)
    )
    return FrameFormat(
        width=picture.width,
        height=picture.height,
        stride=picture.width + picture.width % 2,
        layout=DIRECT.get(picture.format.name, Layout.I420),
        frame_rate=_frame_rate(stream),
        rotation=rotation % 360,
        color_range=FULL_RANGE if is_full else picture.color_range,
        colorspace=_BT470BG if from_rgb else picture.colorspace,
        color_primaries=picture.color_primaries,
        color_trc=picture.color_trc,
        sample_aspect_ratio=stream.sample_aspect_ratio or Fraction(1),
        fields=_fields(picture, stream),
    )


def is_yuv(picture: av.VideoFrame) -> bool:
    """Tell whether the samples are brightness and colour, or brightness alone.

    What has transparency counts as RGB, to which it is converted.
    """
    if has_alpha(picture):
        return False
    return picture.format.name == "gray" or (
        not picture.format.is_rgb and len(picture.format.components) >= 3
    )


def is_full_range(picture: av.VideoFrame) -> bool:
    """Return whether black is 0 and white is 255."""
    return picture.color_range == FULL_RANGE or picture.format.name.startswith("yuvj")


def _is_grey_picture(picture: av.VideoFrame, stream: VideoStream) -> bool:
    """Tell whether it is a grey picture of unspecified range, which is full but in videos.

    For JPEG this is in JFIF 1.02, and libav sets it for pictures in colour only.
    """
    is_unspecified = picture.format.name == "gray" and not picture.color_range
    return is_unspecified and stream.codec_context.name in _GREY_PICTURES


def _is_full_by_nature(picture: av.VideoFrame, stream: VideoStream) -> bool:
    is_specified = picture.color_range in {LIMITED_RANGE, FULL_RANGE}
    return not is_specified and stream.codec_context.name in _FULL_BY_NATURE


def _fields(picture: av.VideoFrame, stream: VideoStream) -> Fields:
    # x264 codes pairs of macroblocks, whose halved chroma needs a multiple of four rows.
    if not picture.interlaced_frame or picture.height % 4:
        return Fields.NONE
    bottom_first = stream.codec_context.field_order in _BOTTOM_FIRST
    return Fields.BOTTOM_FIRST if bottom_first else Fields.TOP_FIRST


def _frame_rate(stream: VideoStream) -> Fraction:
    # If libav does not know the rate, it may give the time base instead: 1000 per second for WebM.
    rates = (stream.average_rate, stream.guessed_rate)
    return next(
        (rate for rate in rates if rate is not None and 0 < rate <= _LARGEST_RATE), Fraction(30)
    )
