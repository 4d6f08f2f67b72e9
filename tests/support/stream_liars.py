"""A process that decodes a camera and has been taken over: it lies; run by the fork server.

The file that it gets as its device names the lie.
"""

import contextlib
import json
import os
import socket
import threading
from collections.abc import Callable

from anoncam.processes.channel import receive_long, send_long
from anoncam.sources.process.stream_worker import received_channel
from tests.support.liars import OPENED, Send, says

_FORMAT = {
    name: value
    for name, value in OPENED.items()
    if name not in {"time_base", "start", "is_picture", "has_alpha", "resolution", "frames"}
    and name not in {"duration", "videos", "left_out", "left_out_beside_sound"}
}
_PICTURE = {"ticket": 1, "width": 64, "height": 48, "stamp": 0, "format": _FORMAT}


def picture(**fields: object) -> Send:
    """Say that a picture has come, with other `fields` than an honest one."""
    return says({**_PICTURE, **fields})


def of_format(**fields: object) -> Send:
    """Say that a first picture has come, whose format has other `fields`."""
    return picture(format={**_FORMAT, **fields})


def _dies(_: socket.socket) -> None:
    os._exit(1)


def _hangs(_: socket.socket) -> None:
    threading.Event().wait()


LIES_AT_FIRST: dict[str, Send] = {
    "a picture too wide": of_format(width=1 << 30),
    "a picture of too many pixels": of_format(width=1 << 20, height=1 << 20),
    "a picture of nothing": of_format(width=0),
    "a layout that is unknown": of_format(layout="rgb24"),
    "a rate of nothing": of_format(frame_rate=[0, 1]),
    "a turn by 45 degrees": of_format(rotation=45),
    "a format too few": picture(format=None),
    "a format too many": of_format(path="/etc/passwd"),
    "a negative ticket": picture(ticket=-1),
    "a ticket that is no number": picture(ticket="1"),
    "a side below nothing": picture(width=-1),
    "another size than its format": picture(width=65),
    "a time after all time": picture(stamp=1 << 70),
    "damage without end": says({"damaged": 1 << 40}),
    "damage below nothing": says({"damaged": -1}),
    "an end of another kind": says({"end": "because"}),
    "an error that no kernel has": says({"end": "broken off", "number": 1 << 20}),
    "an error below nothing": says({"end": "broken off", "number": -1}),
    "a field too many": picture(path="/etc/passwd"),
    "an error with escapes": says({"error": "\x1b[2J" * 10_000}),
    "garbage": lambda channel: send_long(channel, bytes(range(256)), []),
    "its end": _dies,
}
"""What is said of the first picture."""

LIES_WHEN_COPYING: dict[str, Send] = {
    "another reply": says(_PICTURE),
    "a failure": says({"error": "no"}),
    "no reply": _hangs,
    "its end while it copies": _dies,
}
"""Replies to the request to copy a picture, after an honest one was told of."""


def serve(channel: socket.socket, descriptors: list[int]) -> None:
    """Tell the lie that the file names."""
    news = received_channel(descriptors[0])
    lie = os.pread(0, 100, 0).decode()
    opens: Callable[[socket.socket], None] = LIES_AT_FIRST.get(lie) or picture()
    with contextlib.suppress(ConnectionError, OSError):
        while True:
            received = receive_long(channel, None)
            assert received is not None
            if json.loads(received[0])["do"] == "open":
                says({})(channel)
                says({})(news)
                # The first picture opens the camera, and the next one is read.
                opens(news)
                opens(news)
            else:
                LIES_WHEN_COPYING.get(lie, _dies)(channel)
