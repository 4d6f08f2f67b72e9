"""Targets that the daemon serves or reads: its sockets, and the files in its folders."""

import json
import socket
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from anoncam.clock import SystemClock
from anoncam.config import added_zones
from anoncam.config.schema import ControlSettings
from anoncam.errors import FeedError
from anoncam.evidence.verification import verify
from anoncam.feed.protocol import Decoder, Message, encode
from anoncam.segments.uploaded import NAME as NOTE
from anoncam.segments.uploaded import UploadNote, read_note, write_note
from anoncam.service import feed_server
from anoncam.service.control_requests import ControlRequests
from anoncam.service.control_server import ControlServer, Now
from anoncam.service.snapshots import Snapshots
from anoncam.service.zone_requests import ZoneRequests
from anoncam.sources.rtsp_dialogue import RtspError, find_stream, try_stream
from tests.fuzz.target import Target
from tests.support.evidence_folder import record
from tests.support.fake_feed import FakeFeed
from tests.support.replying_camera import ReplyingCamera

_ZONES = [[[0.1, 0.2], [0.3, 0.2], [0.3, 0.9]]]


def daemon_targets(folder: Path) -> list[Target]:
    """All of them; the daemon's folders are made in `folder`."""
    told = Message("status", {"status": {"fps": 30}}, b"abc")
    return [
        Target("messages of the feed", [encode(told) + told.payload], _hear, (FeedError,)),
        Target("requests to the feed", _FEED_REQUESTS, _served(_feed(folder / "f")), ()),
        Target("requests to the daemon", [b"snapshot\n"], _served(_control(folder / "c")), ()),
        Target("added zones", [json.dumps(_ZONES).encode()], _zones, ()),
        Target("note of the upload", [_note(folder)], _read_note, ()),
        _sidecars(folder / "sidecars"),
        Target("a camera's replies", _CAMERA_REPLIES, _asked_of_a_camera(), ()),
    ]


_FEED_REQUESTS = [
    b'{"want":["status","event"]}\n',
    b'{"zones":%s,"id":1}\n' % json.dumps(_ZONES).encode(),
    b'{"pause":true,"id":"a"}\n{"restart":true,"id":null}\n',
]


def _hear(path: Path) -> None:
    decoder, data = Decoder(), path.read_bytes()
    for place in range(0, len(data), 7):
        decoder.feed(data[place : place + 7])


def _feed(folder: Path) -> Path:
    """The socket of a feed that does all that may be asked of it."""
    feed = FakeFeed(folder)
    clock = SystemClock()
    allowed = ControlSettings(pause=True, restart=True)
    control = ControlRequests(clock, lambda: allowed, lambda _, __: None, lambda _: None)

    def run(work: Callable[[], None]) -> bool:
        work()
        return True

    zones = ZoneRequests(clock, run, lambda _, __: None)
    feed.feed.requests |= {"zones": zones.handle}
    feed.feed.requests |= {"pause": control.pause, "restart": control.restart}
    # Each input is a reader of its own.
    feed_server._PAUSE = 0.0
    return folder / "feed"


def _control(folder: Path) -> Path:
    ControlServer(folder, Snapshots(), lambda: Now("no camera", ""))
    return folder / "control"


def _served(address: Path) -> Callable[[Path], None]:
    """Send the input to a server; one that does not survive it leaves its client waiting."""

    def reading(path: Path) -> None:
        with socket.socket(socket.AF_UNIX) as channel:
            channel.settimeout(60)
            channel.connect(str(address))
            try:
                channel.sendall(path.read_bytes())
                channel.shutdown(socket.SHUT_WR)
                while channel.recv(1 << 16):
                    pass
            except (ConnectionResetError, BrokenPipeError):
                # It has dropped whoever asks for what there is not.
                pass

    return reading


_CAMERA_REPLIES = [
    b"RTSP/1.0 200 OK\r\nContent-Length: 34\r\nContent-Base: rtsp://127.0.0.1/a\r\n\r\n"
    b"v=0\r\nm=video 0 RTP/AVP 96\r\na=control:rtsp://[::1]/b\r\n",
    b'RTSP/1.0 401 No\r\nWWW-Authenticate: Digest realm="a", nonce="b", qop="auth"\r\n\r\n'
    b'RTSP/1.0 401 No\r\nWWW-Authenticate: Digest realm="a", nonce="c", stale=true\r\n\r\n',
    b"RTSP/1.0 302 Found\r\nLocation: /elsewhere?a=b\r\n\r\n",
    b"$\x00\x00\x04aaaaRTSP/1.0 200 OK\r\nTransport: RTP/AVP/TCP\r\nSession: 7;timeout=60\r\n\r\n",
]


def _asked_of_a_camera() -> Callable[[Path], None]:
    """Ask a camera that replies with the input to each request, as before a stream and after it."""
    replies = [b""]
    camera = ReplyingCamera(lambda: replies * 6)

    def ask(path: Path) -> None:
        replies[0] = path.read_bytes()
        for ask_for in (find_stream, try_stream):
            with suppress(RtspError):
                ask_for(camera.address, 60)

    return ask


def _zones(path: Path) -> None:
    (path.parent / added_zones.FILE_NAME).write_bytes(path.read_bytes())
    added_zones.read(path.parent)


def _note(folder: Path) -> bytes:
    write_note(folder, UploadNote("/recordings", "remote:", 7))
    return (folder / NOTE).read_bytes()


def _read_note(path: Path) -> None:
    (path.parent / NOTE).write_bytes(path.read_bytes())
    assert read_note(path.parent, "/recordings", "remote:").through >= 0


def _sidecars(folder: Path) -> Target:
    """What `anoncam verify` reads beside the segments."""
    folder.mkdir()
    record(folder, 2)
    sidecar = next(folder.glob("*.json"))
    original = sidecar.read_bytes()

    def read(path: Path) -> None:
        content = path.read_bytes()
        sidecar.write_bytes(content)
        problems = verify(folder, play=False).problems
        assert bool(problems) is (content != original), problems

    return Target("sidecars of the evidence", [original], read, ())
