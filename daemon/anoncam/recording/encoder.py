"""The choice of the encoder: hardware where it really works, libx264 everywhere else."""

import io
import logging
import math
import threading
from dataclasses import dataclass
from fractions import Fraction

import av

from anoncam.config.schema import RecordingSettings
from anoncam.events.event import Event, emit
from anoncam.frames.frame import FrameFormat
from anoncam.recording.h264_stream import LIBX264, V4L2M2M, add_video_stream, is_odd, live_options

_PROBE_FRAMES = 10
_PROBE_SECONDS = 5.0


@dataclass(frozen=True)
class EncoderChoice:
    """The codec's name in libav, and why it was chosen."""

    codec: str
    reason: str


def choose(settings: RecordingSettings, frame_format: FrameFormat) -> EncoderChoice:
    """The encoder for `frame_format`; one that does not work here is replaced by libx264."""
    if settings.encoder == LIBX264:
        return _announce(EncoderChoice(LIBX264, "configured"))
    level = logging.INFO if settings.encoder == "auto" else logging.WARNING
    if is_odd(frame_format):
        size = f"{frame_format.width}x{frame_format.height}"
        return _announce(
            EncoderChoice(LIBX264, f"{V4L2M2M} cannot encode the odd size {size}"), level
        )
    problem = try_encoder(V4L2M2M, frame_format, settings.bitrate)
    if problem is None:
        return _announce(EncoderChoice(V4L2M2M, "encodes this size in hardware"))
    return _announce(EncoderChoice(LIBX264, f"{V4L2M2M} does not work here: {problem}"), level)


def fall_back(choice: EncoderChoice, problem: str) -> EncoderChoice:
    """libx264, after the encoder of `choice` failed at work."""
    return _announce(EncoderChoice(LIBX264, f"{choice.codec} failed: {problem}"), logging.WARNING)


def try_encoder(codec: str, frame_format: FrameFormat, bitrate: int) -> str | None:
    """Encode and decode grey frames of the real size in memory; the problem, or None."""
    problem: list[str | None] = ["it did not finish in time"]

    def attempt() -> None:
        try:
            problem[0] = _encode_and_decode(codec, frame_format, bitrate)
        except av.FFmpegError as error:
            problem[0] = error.strerror or str(error)
        except ValueError as error:
            problem[0] = str(error)

    # A driver can block for ever. Then the thread is left behind.
    thread = threading.Thread(target=attempt, name=f"try-{codec}", daemon=True)
    thread.start()
    thread.join(_PROBE_SECONDS)
    return problem[0]


def _encode_and_decode(codec: str, frame_format: FrameFormat, bitrate: int) -> str | None:
    if codec not in av.codecs_available:
        return "this libav was built without it"
    rate = math.ceil(frame_format.frame_rate)
    memory = io.BytesIO()
    movflags = {"movflags": "frag_keyframe+empty_moov+default_base_moof+delay_moov"}
    with av.open(memory, "w", format="mp4", container_options=movflags) as container:
        stream = add_video_stream(
            container, codec, frame_format, Fraction(1, rate), live_options(codec, bitrate)
        )
        for index in range(_PROBE_FRAMES):
            video = av.VideoFrame(frame_format.width, frame_format.height, str(frame_format.layout))
            for plane in video.planes:
                plane.update(bytes([128]) * plane.buffer_size)
            video.pts, video.time_base = index, Fraction(1, rate)
            container.mux(stream.encode(video))
        container.mux(stream.encode(None))
    memory.seek(0)
    with av.open(memory, "r") as played:
        decoded = len(list(played.decode(video=0)))
    return (
        None
        if decoded == _PROBE_FRAMES
        else f"of {_PROBE_FRAMES} frames, {decoded} could be played"
    )


def _announce(choice: EncoderChoice, level: int = logging.INFO) -> EncoderChoice:
    message = f"encoder {choice.codec}: {choice.reason}"
    emit(Event.ENCODER_CHOSEN, message, level=level, codec=choice.codec, reason=choice.reason)
    return choice
