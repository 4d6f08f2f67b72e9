"""A process that decodes and has been taken over: it lies; run by the fork server."""

import contextlib
import json
import os
import socket
from collections.abc import Callable

from anoncam.processes.channel import LONGEST, receive_long, send_long

OPENED: dict[str, object] = {
    "width": 64,
    "height": 48,
    "layout": "yuv420p",
    "frame_rate": [25, 1],
    "rotation": 0,
    "color_range": 0,
    "colorspace": 2,
    "color_primaries": 2,
    "color_trc": 2,
    "sample_aspect_ratio": [1, 1],
    "fields": "",
    "time_base": [1, 25],
    "start": 0,
    "is_picture": False,
    "has_alpha": False,
    "resolution": None,
    "frames": None,
    "duration": None,
    "videos": 1,
    "left_out": "",
    "left_out_beside_sound": "",
}
"""What an honest one says of a file."""

Send = Callable[[socket.socket], None]


def says(message: object) -> Send:
    """Send a message."""
    return lambda channel: send_long(channel, json.dumps(message).encode(), [])


def about(**fields: object) -> Send:
    """Send what an honest one says, with other `fields`."""
    return says({**OPENED, **fields})


def found(*parts: tuple[int, int]) -> Send:
    """Send that further pictures are at these bytes."""
    files = [{"kind": "JPEG", "start": start, "end": end, "base": 0} for start, end in parts]
    return says({"streams": [], "files": files, "unseen": []})


def _raw(data: bytes) -> Send:
    return lambda channel: send_long(channel, data, [])


def _without_end(channel: socket.socket) -> None:
    for _ in range(LONGEST // 60_000 + 10):
        channel.sendall(b"\1" + bytes(60_000))


def _with_descriptors(channel: socket.socket) -> None:
    for _ in range(10):
        socket.send_fds(channel, [b"\1"], [channel.fileno()] * 4)


def _dies(_: socket.socket) -> None:
    os._exit(1)


LIES_AT_FIRST: dict[str, Send] = {
    "too wide": about(width=1 << 30),
    "too many pixels": about(width=1 << 20, height=1 << 20),
    "no width": about(width=0),
    "negative height": about(height=-48),
    "a width that is no number": about(width="64"),
    "half a pixel": about(width=64.5),
    "a layout that is unknown": about(layout="rgb24"),
    "a rate of nothing": about(frame_rate=[0, 1]),
    "a rate by nothing": about(frame_rate=[1, 0]),
    "a rate that fills the memory": about(frame_rate=[1 << 30, 1]),
    "a rate that libav cannot hold": about(frame_rate=[1, 1 << 40]),
    "a time base of nothing": about(time_base=[1, 0]),
    "a time base that libav cannot hold": about(time_base=[1, 1 << 40]),
    "pixels that libav cannot hold": about(sample_aspect_ratio=[1 << 40, 1]),
    "a resolution that no picture can hold": about(resolution=[1 << 40, 1]),
    "a turn by 45 degrees": about(rotation=45),
    "a start after all time": about(start=1 << 80),
    "a duration without end": _raw(json.dumps({**OPENED, "duration": 1e999}).encode()),
    "a duration that is none": _raw(json.dumps({**OPENED, "duration": float("nan")}).encode()),
    "a field too many": about(path="/etc/passwd"),
    "a field too few": says({k: v for k, v in OPENED.items() if k != "width"}),
    "a text of megabytes": about(left_out="x" * 5_000_000),
    "nothing": _raw(b""),
    "garbage": _raw(bytes(range(256))),
    "half a message": _raw(json.dumps(OPENED).encode()[:50]),
    "lists in lists": _raw(b"[" * 100_000),
    "another message": says({"ticket": 1}),
    "a message without end": _without_end,
    "descriptors without end": _with_descriptors,
    "its end": _dies,
}
"""Replies to the request to open a file."""

LIES_LATER: dict[str, Send] = {
    "a time after all time": says({"ticket": 1, "timestamp": 1 << 70}),
    "a negative ticket": says({"ticket": -1}),
    "a duration below nothing": says({"ticket": 1, "duration": -5}),
    "a part of four": says({"ticket": 1, "part": [1, 2, 3, 4]}),
    "what it has opened": about(),
    "a time that stands still": says({"ticket": 1, "timestamp": 5}),
    "its later end": _dies,
}
"""Replies to the request for the next frame, after an honest first one."""


LIES_OF_PICTURES: dict[str, Send] = {
    "a picture that ends before it begins": found((100, 50)),
    "a picture beyond the file": found((0, 1 << 60)),
    "many pictures in one place": found(*[(0, 10)] * 90_000),
    "its end while it looks": _dies,
}
"""Replies to the request for further pictures."""


SOUND: dict[str, object] = {
    "codec": "aac",
    "rate": 48_000,
    "channels": 1,
    "layout": "mono",
    "samples": "fltp",
    "bit_rate": 0,
    "padding": 0,
    "header": "EYg=",
    "ticks": [1, 48_000],
}
"""What an honest one says of a sound."""


def _sound(first: int = 0, **fields: object) -> Send:
    return says({"format": {**SOUND, **fields}, "first": first})


def _packets(*packets: dict[str, object]) -> Send:
    honest: dict[str, object] = {"data": "YWJj", "time": 0, "duration": 1024}
    return says({"packets": [{**honest, **packet} for packet in packets], "ended": False})


LIES_ABOUT_SOUND: dict[str, Send] = {
    "a codec that is not copied": _sound(codec="dca"),
    "a codec that does not end there": _sound(codec="aac,h264"),
    "no rate": _sound(rate=0),
    "a rate without end": _sound(rate=1 << 40),
    "channels without end": _sound(channels=1 << 20),
    "a layout of another kind": _sound(layout="mono\n"),
    "channels one by one": _sound(layout="2 channels (FR+FL)", channels=2),
    "channels one by one without their number": _sound(layout="FR+FL", channels=2),
    "samples of another kind": _sound(samples="yuv420p"),
    "a header of megabytes": _sound(header="A" * (1 << 20)),
    "a header that is none": _sound(header="*"),
    "time that stands still": _sound(ticks=[0, 1]),
    "a padding below nothing": _sound(padding=-1),
    "a sound with a field too many": _sound(path="/etc/passwd"),
    "its end before the sound": _dies,
}
"""Replies to the request for the sound of a file."""

LONG_AGO = "a sound that began before all time"
"""What this lie is called; it shows once the sound is timed from its beginning on."""

LIES_OF_PACKETS: dict[str, Send] = {
    "a packet of nothing": _packets({"data": ""}),
    "a packet without end": _packets({"data": "A" * (4 << 20)}),
    "packets without end": _packets(*[{}] * 1000),
    "a packet after all time": _packets({"time": 1 << 61}),
    "a packet before all time": _packets({"time": -(1 << 61)}),
    "a packet that lasts for years": _packets({"duration": 1 << 40}),
    "a packet that lasts less than nothing": _packets({"duration": -1}),
    "a cut below nothing": _packets({"cut": -1}),
    "its end before the packets": _dies,
}
"""Replies to the request for packets, after an honest answer about the sound."""

NO_PACKETS = "it says nothing of packets"
"""What no reply at all to that request is called."""


def serve(channel: socket.socket, descriptors: list[int]) -> None:
    """Tell the lie that the file names."""
    lie = os.pread(descriptors[0], 100, 0).decode()
    with contextlib.suppress(ConnectionError, OSError):
        while True:
            received = receive_long(channel, None)
            assert received is not None
            request = json.loads(received[0])
            if request["do"] == "sound" and lie == LONG_AGO:
                _sound(-(1 << 62), ticks=[1, (1 << 31) - 1])(channel)
            elif request["do"] == "sound":
                (LIES_ABOUT_SOUND.get(lie) or _sound())(channel)
            elif request["do"] == "packets" and lie != NO_PACKETS:
                (LIES_OF_PACKETS.get(lie) or _packets({}, {}))(channel)
            elif request["do"] == "open":
                (LIES_AT_FIRST.get(lie) or about())(channel)
            elif lie != NO_PACKETS:
                (LIES_LATER | LIES_OF_PICTURES).get(lie, _dies)(channel)
