"""The child's side: decodes one file, and has no rights but to read it."""

import json
import mmap
import os
import socket
from collections.abc import Callable, Mapping
from dataclasses import asdict
from fractions import Fraction
from typing import Any

from anoncam.errors import AnoncamError
from anoncam.processes.channel import receive_long, send_long
from anoncam.sources.libav.decoded_file import DecodedFile
from anoncam.sources.libav.decoded_part import DecodedPart
from anoncam.sources.libav.file_limits import FileLimits
from anoncam.sources.libav.open_file import OpenFile
from anoncam.sources.libav.open_media import holds_picture
from anoncam.sources.libav.packets import packet_times, read_header
from anoncam.sources.libav.playback import play
from anoncam.sources.process import early_imports
from anoncam.sources.process.audio_worker import SoundOfFile
from anoncam.sources.process.held_frames import HeldFrames
from anoncam.sources.process.received_file import received_file
from anoncam.sources.process.replies import (
    DONE,
    LONGEST_TEXT,
    NAMELESS,
    Reply,
    describe,
    part_of,
    ratio,
)

__all__ = ["early_imports", "reply_to_all", "send", "serve"]

_FRAMES_BETWEEN_REPORTS = 5
_TIMES_IN_A_MESSAGE = 1000


Work = Callable[[dict[str, Any], list[int]], Reply | None]
"""Does what a request asks for, with the descriptors beside it, and returns the reply, if any."""


def serve(channel: socket.socket, descriptors: list[int]) -> None:
    """Do what the parent asks for, until it goes away."""
    media = received_file(descriptors[0])
    sound = SoundOfFile(media)
    work: dict[str, Work] = {
        "open": lambda request, _: _open(request, media, channel),
        "kind": lambda _, __: {"is_picture": holds_picture(media)},
        "header": lambda request, _: _read_header(media, limits_of(request)),
        "times": lambda request, _: _tell_times(media, limits_of(request), channel),
        "play": lambda request, _: _play(media, limits_of(request), channel),
        "sound": lambda request, _: sound.open(limits_of(request)),
        "packets": lambda _, __: sound.packets(),
    }
    reply_to_all(channel, work)


def reply_to_all(
    channel: socket.socket, work: Mapping[str, Work], after: Callable[[str], None] = lambda _: None
) -> None:
    """Do what the parent asks for until it goes away; a failure is a reply, too.

    `after` is called with what was asked for once the parent has the reply.
    """
    while True:
        try:
            received = receive_long(channel, None)
        except ConnectionError:
            return
        assert received is not None  # noqa: S101 - there is no timeout
        request, descriptors = json.loads(received[0]), received[1]
        reply = _reply(request, descriptors, work[request["do"]])
        if reply is not None:
            send(channel, reply)
        for descriptor in descriptors:
            os.close(descriptor)
        after(request["do"])


def limits_of(request: dict[str, Any]) -> FileLimits:
    """The limits that a request names."""
    limits = request["limits"]
    return FileLimits(limits["max_pixels"], limits["max_streams"])


def _reply(request: dict[str, Any], descriptors: list[int], work: Work) -> Reply | None:
    try:
        return work(request, descriptors)
    except AnoncamError as error:
        text = str(error)
    except MemoryError:
        text = f"there is not enough memory for {NAMELESS} (scale it down first)"
    except Exception as error:  # whatever a library raises, the parent shall know
        text = f"{NAMELESS} cannot be read: {getattr(error, 'strerror', None) or error!r}"
    return {"error": text[:LONGEST_TEXT]}


def send(channel: socket.socket, reply: Reply) -> None:
    """Send a reply to the parent."""
    send_long(channel, json.dumps(reply).encode(), [])


def _open(request: dict[str, Any], media: OpenFile, channel: socket.socket) -> None:
    """Open the file, and serve its frames until the parent goes away."""
    limits, part, rate = limits_of(request), request["part"], request["rate"]
    if part is not None:
        file: DecodedFile = DecodedPart(media, limits, *part)
    else:
        file = DecodedFile(
            media,
            limits,
            loop=request["loop"],
            rotation=request["rotation"],
            stream=request["stream"],
            rate=None if rate is None else Fraction(*rate),
            whole=request["whole"],
        )
    send(channel, _describe(file))
    frames = _Frames(file)
    work: dict[str, Work] = {
        "next": lambda request, _: frames.next(request["dropped"]),
        "copy": frames.held.copy,
        "alpha": lambda _, descriptors: _give_alpha(file, descriptors[0]),
        "warnings": lambda _, __: {"texts": [text[:LONGEST_TEXT] for text in file.warnings]},
    }
    reply_to_all(channel, work, frames.decode_ahead)


class _Frames:
    """The frames of the file: one is decoded ahead while the parent works on another."""

    def __init__(self, file: DecodedFile) -> None:
        self._file = file
        self.held = HeldFrames(file.format, file.copy)
        self._parts = 1
        self._ahead: Reply | Exception | None = None

    def next(self, dropped: list[int]) -> Reply:
        self.held.drop(dropped)
        ahead, self._ahead = self._ahead, None
        if isinstance(ahead, Exception):
            raise ahead
        return ahead or self._decode()

    def decode_ahead(self, done: str) -> None:
        """Decode the next frame while the parent works on the one that it has copied."""
        if done != "copy" or self._ahead is not None:
            return
        try:
            self._ahead = self._decode()
        except Exception as error:
            # The parent gets it when it asks for that frame.
            self._ahead = error

    def _decode(self) -> Reply:
        decoded = self._file.next()
        if decoded is None:
            return {"ticket": None}
        parts = self._file.parts
        part = part_of(parts[-1]) if len(parts) > self._parts else None
        self._parts = len(parts)
        return {
            "ticket": self.held.hold(decoded.picture),
            "timestamp": decoded.timestamp,
            "duration": decoded.duration,
            "part": part,
        }


def _give_alpha(file: DecodedFile, descriptor: int) -> Reply:
    assert file.alpha is not None  # noqa: S101 - the parent asks only if there is one
    with mmap.mmap(descriptor, 0) as area:
        area[: file.alpha.size] = file.alpha.tobytes()
    return DONE


def _read_header(media: OpenFile, limits: FileLimits) -> Reply:
    header = read_header(media, limits)
    return {**asdict(header), "rate": ratio(header.rate)}


def _tell_times(media: OpenFile, limits: FileLimits, channel: socket.socket) -> Reply:
    times: list[int] = []
    for time in packet_times(media, limits):
        times.append(time)
        if len(times) == _TIMES_IN_A_MESSAGE:
            send(channel, {"times": times, "ended": False})
            times.clear()
    return {"times": times, "ended": True}


def _play(media: OpenFile, limits: FileLimits, channel: socket.socket) -> Reply:
    frames = 0

    def report() -> None:
        nonlocal frames
        frames += 1
        if frames % _FRAMES_BETWEEN_REPORTS == 0:
            send(channel, {"frames": frames, "codec": "", "problem": "", "ended": False})

    played = play(media, limits, report)
    return {
        "frames": played.frames,
        "codec": played.codec,
        "problem": played.problem[:LONGEST_TEXT],
        "ended": True,
    }


def _describe(file: DecodedFile) -> Reply:
    return {
        **describe(file.format),
        "time_base": ratio(file.time_base),
        "start": file.start,
        "is_picture": file.is_picture,
        "has_alpha": file.alpha is not None,
        "resolution": file.resolution,
        "frames": file.frames,
        "duration": file.duration,
        "videos": file.videos,
        "left_out": file.left_out(keep_audio=False)[:LONGEST_TEXT],
        "left_out_beside_sound": file.left_out(keep_audio=True)[:LONGEST_TEXT],
    }
