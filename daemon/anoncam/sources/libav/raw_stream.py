"""Raw streams of pictures, which state no times: their rate is found elsewhere."""

from fractions import Fraction

from av.container import InputContainer
from av.video.stream import VideoStream

from anoncam.errors import InputError

_RAW = {
    "av1",
    "dirac",
    "dnxhd",
    "h261",
    "h263",
    "h264",
    "hevc",
    "m4v",
    "mjpeg",
    "mpegvideo",
    "obu",
    "vc1",
    "vvc",
}
"""libav's demuxers for files that hold nothing but the pictures of one stream."""

_USUAL_RATE = Fraction(25)
_HIGHEST_RATE = 1000
"""Frames per second, as for --rate: the pool begins with the frames of some tenths of a second."""


def raw_rate(
    container: InputContainer, stream: VideoStream, given: Fraction | None, name: str
) -> tuple[Fraction | None, str]:
    """Return the frame rate of a raw stream, and what to tell of it; None if it is none.

    `given` is the user's own, which wins. Otherwise the stream's headers say it, or it is 25.

    Raises:
        InputError: a rate is given for a file that states its own times.
    """
    if container.format.name not in _RAW:
        if given is not None:
            raise InputError(f"{name} states its own times", "give --rate for raw streams alone")
        return None, ""
    if given is not None:
        return given, f"{name} is a raw stream: it gets {float(given):g} frames a second, as given"
    stated = stream.codec_context.framerate if _states_rate(stream) else None
    if stated and stated <= _HIGHEST_RATE:
        return stated, (
            f"{name} is a raw stream: it gets {float(stated):g} frames a second, as its headers say"
        )
    what = f"a rate of {float(stated):g}, which cannot be true" if stated else "no rate"
    return _USUAL_RATE, (
        f"{name} is a raw stream that states {what}: it gets {float(_USUAL_RATE):g} frames a"
        " second; give another with --rate"
    )


def _states_rate(stream: VideoStream) -> bool:
    # libav's own assumption for a stream without a rate stands in `average_rate`. Where the
    # headers state the same, nothing tells them apart, and nothing is wrong either.
    return bool(stream.codec_context.framerate) and (
        stream.codec_context.framerate != stream.average_rate
        or stream.guessed_rate != stream.average_rate
    )
