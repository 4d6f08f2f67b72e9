"""A network camera with knobs: its stamps, its declared rate, and when its frames come.

It sends a film over and over by RTSP, as `RtspCamera` does; each knob turns one thing wrong.
"""

import random
import re
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tests.support.rtsp_server import RtspCamera

RTP_CLOCK = 90_000
"""Ticks of RTP's clock for video in a second."""

Clock = Callable[[int, float], float]
"""The time that the camera states, in seconds: by the number of the frame, and the seconds since
the first one.
"""


def right(_number: int, elapsed: float) -> float:
    """The clock of a good camera."""
    return elapsed


@dataclass(frozen=True)
class Knobs:
    """`clock` is the time of the stream, `rate` how many frames come in a second at a given
    time, `jitter` by how many seconds each may be late, `declared` the rate in the description of
    the stream (empty: none).
    """

    clock: Clock = right
    rate: Callable[[float], float] = lambda _: 20.0
    jitter: float = 0.0
    declared: str = "20"


class KnobCamera(RtspCamera):
    """A camera with these knobs."""

    def __init__(self, film: Path, knobs: Knobs) -> None:
        self._knobs = knobs
        self._chance = random.Random(1)
        super().__init__(film=film)

    def _reply(self, method: str, request: str) -> bytes:
        answer = super()._reply(method, request).decode()
        line = f"a=framerate:{self._knobs.declared}\r\n" if self._knobs.declared else ""
        head, separator, body = answer.partition("\r\n\r\n")
        body = body.replace("a=framerate:25\r\n", line)
        head = re.sub(r"Content-Length: \d+", f"Content-Length: {len(body)}", head)
        return f"{head}{separator}{body}".encode()

    def _send_pictures(self, connection: socket.socket) -> None:
        sender = _Sender(self._knobs, self._chance)
        for packet in self._packets():
            if self._closed.is_set():
                return
            if 200 <= packet[1] < 205:
                # Reports of the sender tie RTP's clock to the wall clock: few cameras agree there.
                continue
            sent = sender.restamped(packet)
            connection.sendall(b"$\0" + len(sent).to_bytes(2, "big") + sent)
            if packet[1] & 0x80:
                self._closed.wait(sender.pause_after_picture())


class _Sender:
    """Paces one connection, and stamps its packets."""

    def __init__(self, knobs: Knobs, chance: random.Random) -> None:
        self._knobs = knobs
        self._chance = chance
        self._number = 0
        self._began = time.monotonic()
        self._due = 0.0

    def restamped(self, packet: bytes) -> bytes:
        # RFC 3550, 5.1: the timestamp is in bytes 4 to 7.
        stated = self._knobs.clock(self._number, self._due)
        ticks = round(stated * RTP_CLOCK) % 2**32
        return packet[:4] + ticks.to_bytes(4, "big") + packet[8:]

    def pause_after_picture(self) -> float:
        self._number += 1
        self._due += 1 / self._knobs.rate(self._due)
        late = self._chance.uniform(0, self._knobs.jitter)
        return max(0.0, self._began + self._due + late - time.monotonic())
