"""The child's side of a camera: it has one connection or one device, and decodes.

Two threads share the work, as nobody can end a wait of libav from outside: one waits for packets
and tells the parent of them by a channel of its own, the other copies pictures into the pool.
"""

import socket
import threading
import time
from dataclasses import replace
from fractions import Fraction
from typing import Any

import av
from av.container import InputContainer
from av.video.stream import VideoStream

from anoncam.frames.frame import FrameFormat
from anoncam.sources.libav.converter import Converter
from anoncam.sources.libav.frame_format import describe_format
from anoncam.sources.process import early_imports
from anoncam.sources.process.held_frames import HeldFrames
from anoncam.sources.process.replies import DONE, LARGEST_ERRNO, Reply, describe
from anoncam.sources.process.worker import reply_to_all, send
from anoncam.sources.timestamps import nanoseconds

__all__ = ["early_imports", "serve"]

_BACKLOG = 2.0
"""Seconds after which all pictures are kept.

Until then, pictures are skipped that the camera has gathered and sends all at once.
"""

_AT_ONCE = 0.005
"""Seconds: a packet for which the wait was longer is new; the camera has not gathered it."""

_RATES = (5, 120)
"""Frames per second that are believed. Network cameras also declare 1 or 90000."""

_USUAL_RATE = Fraction(25)

PROTOCOLS = "rtp,udp,tcp,tls"
"""What libav may open for a camera; a reply could name an address of another kind."""


def serve(channel: socket.socket, descriptors: list[int]) -> None:
    """Open the stream that the parent names, and serve its pictures until the parent goes away."""
    stream = _Stream(received_channel(descriptors[0]))

    def open_stream(request: dict[str, Any], _: list[int]) -> Reply:
        threading.Thread(target=stream.run, args=(request,), daemon=True).start()
        return DONE

    def copy(request: dict[str, Any], handed: list[int]) -> Reply:
        assert stream.held is not None  # noqa: S101 - the parent has been told of a picture
        return stream.held.copy(request, handed)

    def drop(request: dict[str, Any], _: list[int]) -> Reply:
        if stream.held is not None:
            stream.held.drop(request["dropped"])
        return DONE

    reply_to_all(channel, {"open": open_stream, "copy": copy, "drop": drop})


def received_channel(descriptor: int) -> socket.socket:
    """A channel that this process was given; of what kind it is may not be asked any more."""
    return socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET, 0, descriptor)


class _Stream:
    """The thread that waits for packets; `held` has the pictures, from the first on."""

    def __init__(self, news: socket.socket) -> None:
        self.held: HeldFrames | None = None
        self._news = news
        # It is never closed: raw pictures lie in its memory. It ends with this process.
        self._container: InputContainer | None = None

    def run(self, request: dict[str, Any]) -> None:
        """Tell the parent of all that comes, and why it ends."""
        try:
            end, number = self._receive(request), 0
        except Exception as error:
            end, number = _why(error)
        if end:
            self._tell({"end": end, "number": number})

    def _receive(self, request: dict[str, Any]) -> str:
        self._container = container = _open(request)
        if not container.streams.video:
            return "no video"
        self._tell({})
        stream = container.streams.video[0]
        stream.codec_context.flags |= av.codec.context.Flags.low_delay
        opened = waiting_since = time.monotonic()
        is_live = False
        for packet in container.demux(stream):
            came = time.monotonic()
            # The gathered pictures would come all at once at every start. They are too many for
            # the pool, and too close together for the detector.
            is_live = is_live or came - waiting_since > _AT_ONCE or came - opened > _BACKLOG
            # The parent takes the time when it hears of a packet.
            self._tell({})
            frames, damaged = _decode(packet)
            for frame in frames if is_live or self.held is None else ():
                self._show(frame, stream, damaged, request)
                damaged = 0
            if damaged:
                self._tell({"damaged": damaged})
            waiting_since = time.monotonic()
        return "ended"

    def _show(
        self, frame: av.VideoFrame, stream: VideoStream, damaged: int, request: dict[str, Any]
    ) -> None:
        described: Reply | None = None
        if self.held is None:
            frame_format = _describe(frame, stream, request)
            self.held = HeldFrames(frame_format, Converter().copy)
            described = describe(frame_format)
        self._tell(
            {
                "ticket": self.held.hold(frame),
                "width": frame.width,
                "height": frame.height,
                "stamp": _stamp(frame, stream),
                "format": described,
                "damaged": damaged,
            }
        )

    def _tell(self, reply: Reply) -> None:
        send(self._news, reply)


def _decode(packet: "av.Packet[VideoStream]") -> tuple[list[av.VideoFrame], int]:
    """The pictures of a packet, and how many are damaged."""
    if not packet.size and packet.pts is not None:
        # A driver marks a damaged picture so. The decoder would take it for the end.
        return [], 1
    try:
        frames = packet.decode()
    except av.InvalidDataError:
        # A camera that sends no good pictures counts as silent.
        return [], 1
    # A damaged picture is one like any other: what it shows is inferred.
    damaged = sum(frame.is_corrupt for frame in frames)
    return frames, max(damaged, int(packet.is_corrupt))


def _why(error: Exception) -> tuple[str, int]:
    """Why a stream has ended with `error`, and the kernel's number of it; empty without a parent.

    The text of the error is not used, because it quotes the whole address.
    """
    number = getattr(error, "errno", None) or 0
    number = number if 0 < number <= LARGEST_ERRNO else 0
    if isinstance(error, av.HTTPUnauthorizedError | av.HTTPForbiddenError):
        return "refused", 0
    if isinstance(error, av.TimeoutError | av.ExitError):
        return "silent", number
    is_parent_gone = isinstance(error, ConnectionError) and not isinstance(error, av.FFmpegError)
    return "" if is_parent_gone else "broken off", number


def _open(request: dict[str, Any]) -> InputContainer:
    if "device" in request:
        # By seccomp, each name leads to the device. Without seccomp, this one does.
        return av.open("/proc/self/fd/0", format="v4l2", container_options=request["device"])
    # This is longer than the source itself waits. At the end of its timeout, libav gives out a last
    # picture, as if the camera were still there.
    silence = float(request["silence"])
    address = str(request["address"])
    return av.open(
        address,
        format="rtsp",
        container_options={
            "protocol_whitelist": PROTOCOLS,
            "format_whitelist": "rtsp",
            "rtsp_transport": "tcp",
            "allowed_media_types": "video",
            "timeout": str(round(silence * 1_000_000)),
            # libav would wait for twenty frames to learn their rate and order, which take three
            # minutes of a slow camera. anoncam goes by what it sees: one packet is enough.
            "fpsprobesize": "0",
            "probesize": "32",
        },
        metadata_errors="replace",
        timeout=(float(request["open_timeout"]), silence),
    )


def _describe(frame: av.VideoFrame, stream: VideoStream, request: dict[str, Any]) -> FrameFormat:
    """The format of the pictures, with a rate that a camera can have."""
    described = describe_format(frame, stream, int(request["rotation"]))
    lowest, highest = _RATES
    is_plausible = "device" in request or lowest <= described.frame_rate <= highest
    return described if is_plausible else replace(described, frame_rate=_USUAL_RATE)


def _stamp(frame: av.VideoFrame, stream: VideoStream) -> int | None:
    if frame.pts is None or stream.time_base is None:
        return None
    return nanoseconds(frame.pts, stream.time_base)
