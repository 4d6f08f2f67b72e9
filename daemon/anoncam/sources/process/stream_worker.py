"""The child's side of a network camera: it has one connection, to the camera, and decodes.

Two threads share the work, as nobody can end a wait of libav from outside: one waits for packets
and tells the parent of them by a channel of its own, the other copies pictures into the pool.
"""

import socket
import threading
import time
from collections.abc import Iterable
from dataclasses import replace
from fractions import Fraction
from typing import Any

import av
from av.container import InputContainer
from av.video.stream import VideoStream

from anoncam.frames.frame import FrameFormat
from anoncam.sources.libav.decoded_capture import Converter
from anoncam.sources.libav.frame_format import describe_format
from anoncam.sources.process import early_imports
from anoncam.sources.process.held_frames import HeldFrames
from anoncam.sources.process.replies import DONE, Reply, describe
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
"""Frames per second that are believed. Cameras also declare 1 or 90000."""

_USUAL_RATE = Fraction(25)

PROTOCOLS = "rtp,udp,tcp,tls"
"""What libav may open for a camera; a reply could name an address of another kind."""


def serve(channel: socket.socket, descriptors: list[int]) -> None:
    """Open the stream that the parent names, and serve its pictures until the parent goes away."""
    stream = _Stream(socket.socket(fileno=descriptors[0]))

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


class _Stream:
    """The thread that waits for packets; `held` has the pictures, from the first on."""

    def __init__(self, news: socket.socket) -> None:
        self.held: HeldFrames | None = None
        self._news = news

    def run(self, request: dict[str, Any]) -> None:
        """Tell the parent of all that comes, and why it ends."""
        try:
            end = self._receive(request)
        except (av.HTTPUnauthorizedError, av.HTTPForbiddenError):
            end = "refused"
        except (av.TimeoutError, av.ExitError):
            end = "silent"
        except ConnectionError as error:
            # The parent is gone, or the camera is.
            end = "broken off" if isinstance(error, av.FFmpegError) else ""
        except Exception:  # its text is not used, because it quotes the whole address
            end = "broken off"
        if end:
            self._tell({"end": end})

    def _receive(self, request: dict[str, Any]) -> str:
        with _open(request) as container:
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
                for frame in self._decode(packet):
                    if is_live or self.held is None:
                        self._show(frame, stream, int(request["rotation"]))
                waiting_since = time.monotonic()
        return "ended"

    def _show(self, frame: av.VideoFrame, stream: VideoStream, rotation: int) -> None:
        described: Reply | None = None
        if self.held is None:
            frame_format = _describe(frame, stream, rotation)
            self.held = HeldFrames(frame_format, Converter().copy)
            described = describe(frame_format)
        self._tell(
            {
                "ticket": self.held.hold(frame),
                "width": frame.width,
                "height": frame.height,
                "stamp": _stamp(frame, stream),
                "format": described,
            }
        )

    def _decode(self, packet: "av.Packet[VideoStream]") -> Iterable[av.VideoFrame]:
        try:
            frames = packet.decode()
        except av.InvalidDataError:
            # A camera that sends no good pictures counts as silent.
            self._tell({"damaged": 1})
            return []
        # A damaged picture is one like any other: what it shows is inferred.
        damaged = sum(frame.is_corrupt for frame in frames)
        self._tell({"damaged": max(damaged, int(packet.is_corrupt))})
        return frames

    def _tell(self, reply: Reply) -> None:
        send(self._news, reply)


def _open(request: dict[str, Any]) -> InputContainer:
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


def _describe(frame: av.VideoFrame, stream: VideoStream, rotation: int) -> FrameFormat:
    """The format of the pictures, with a rate that a camera can have."""
    described = describe_format(frame, stream, rotation)
    lowest, highest = _RATES
    is_plausible = lowest <= described.frame_rate <= highest
    return described if is_plausible else replace(described, frame_rate=_USUAL_RATE)


def _stamp(frame: av.VideoFrame, stream: VideoStream) -> int | None:
    if frame.pts is None or stream.time_base is None:
        return None
    return nanoseconds(frame.pts, stream.time_base)
