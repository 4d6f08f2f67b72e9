"""A network camera that sends H.264 by RTSP over TCP, as far as a player needs it.

It repeats the pictures of `clips.samples`, or those of a file at the file's own rate. libav makes
the RTP packets.
"""

import base64
import hashlib
import io
import re
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from fractions import Fraction
from itertools import count
from pathlib import Path
from types import TracebackType
from typing import Self, cast

import av

from tests.support.clips import LOSSLESS_H264, picture

SIZE = (96, 64)
_RTCP = range(200, 205)
_LIVE = {"preset": "ultrafast", "tune": "zerolatency", "crf": "18", "g": "20"}


class RtspCamera:
    """Serves one connection after the other until it is closed.

    `user` and `password` are required if given, by Digest with `digest`. With `film` it sends that
    file. `spoil` replaces each packet by the packets that it returns. `scale` multiplies the size
    of the pictures. `replies` holds a status, with further lines, for each method that is refused.
    `media` is what it offers, and `transport` how it would send that. All of these can be changed
    at any time. `requests` are those that it was sent. With `tls` it is reached by rtsps.
    """

    def __init__(
        self,
        *,
        user: str = "",
        password: str = "",
        digest: bool = False,
        tls: ssl.SSLContext | None = None,
        film: Path | None = None,
        host: str = "127.0.0.1",
        port: int = 0,
    ) -> None:
        self.spoil: Callable[[bytes], list[bytes]] = lambda packet: [packet]
        self.scale = Fraction(1)
        self._film = film
        self.replies: dict[str, str] = {}
        self.media = "video"
        self.transport = "RTP/AVP/TCP;unicast;interleaved=0-1"
        self.requests: list[str] = []
        self.password = password
        self._user, self._digest = user, digest
        self._tls = tls
        self._silent = threading.Event()
        self._closed = threading.Event()
        self._connection: socket.socket | None = None
        self._socket = socket.create_server((host, port))
        self.port = self._socket.getsockname()[1]
        self.address = f"{'rtsps' if tls else 'rtsp'}://{host}:{self.port}/stream"
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def go_silent(self) -> None:
        """Send nothing more, and keep the connection."""
        self._silent.set()

    def go_on(self) -> None:
        """Send again, in the connection that is there."""
        self._silent.clear()

    def hang_up(self) -> None:
        """Cut the connection."""
        if self._connection is not None:
            self._connection.shutdown(socket.SHUT_RDWR)

    def _serve(self) -> None:
        while not self._closed.is_set():
            try:
                self._connection, _ = self._socket.accept()
            except OSError:
                return
            with self._connection as connection, suppress(OSError):
                if self._tls is None:
                    self._talk(connection)
                else:
                    with self._tls.wrap_socket(connection, server_side=True) as secret:
                        self._talk(secret)

    def _talk(self, connection: socket.socket) -> None:
        with connection.makefile("rb") as reader:
            while True:
                lines = []
                while (line := reader.readline()).strip():
                    lines.append(line.decode())
                if not line:
                    return
                text = "".join(lines)
                method = text.split(" ", 1)[0]
                connection.sendall(self._reply(method, text))
                if method == "PLAY" and method not in self.replies:
                    self._send_pictures(connection)

    def _reply(self, method: str, request: str) -> bytes:
        self.requests.append(request)
        sequence = re.search(r"CSeq: *(\d+)", request)
        head = f"CSeq: {sequence[1] if sequence else 0}\r\nSession: 1\r\n"
        if method != "OPTIONS" and self._user and not self._admits(method, request):
            kind = 'Digest realm="camera", nonce="abc"' if self._digest else 'Basic realm="camera"'
            return f"RTSP/1.0 401 Unauthorized\r\n{head}WWW-Authenticate: {kind}\r\n\r\n".encode()
        if method in self.replies:
            status, _, lines = self.replies[method].partition("\n")
            return f"RTSP/1.0 {status}\r\n{head}{lines}\r\n\r\n".encode()
        body = ""
        if method == "DESCRIBE":
            body = (
                "v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\ns=camera\r\nt=0 0\r\n"
                f"m={self.media} 0 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\n"
                "a=fmtp:96 packetization-mode=1\r\na=framerate:25\r\na=control:video\r\n"
            )
            head += f"Content-Type: application/sdp\r\nContent-Length: {len(body)}\r\n"
        if method == "SETUP":
            head += f"Transport: {self.transport}\r\n"
        return f"RTSP/1.0 200 OK\r\n{head}\r\n{body}".encode()

    def _admits(self, method: str, request: str) -> bool:
        if not self._digest:
            credentials = base64.b64encode(f"{self._user}:{self.password}".encode()).decode()
            return f"Basic {credentials}" in request
        target = request.split(" ", 2)[1]
        first = _md5(f"{self._user}:camera:{self.password}")
        return _md5(f"{first}:abc:{_md5(f'{method}:{target}')}") in request

    def _send_pictures(self, connection: socket.socket) -> None:
        pause = 0.01 if self._film is None else float(1 / _rate(self._film))
        for packet in self._packets():
            while self._silent.is_set() and not self._closed.wait(0.05):
                # A client that gives up must not hold up the next one.
                if _has_gone(connection):
                    return
            if self._closed.is_set():
                return
            channel = 1 if packet[1] in _RTCP else 0
            for sent in [packet] if channel else self.spoil(packet):
                connection.sendall(b"$" + bytes([channel]) + len(sent).to_bytes(2, "big") + sent)
            if channel == 0 and packet[1] & 0x80:
                # The marker ends a picture.
                self._closed.wait(pause)

    def _packets(self) -> Iterator[bytes]:
        return _rtp_packets(self._film, lambda: self.scale)

    def close(self) -> None:
        """End it."""
        self._closed.set()
        self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        if self._connection is not None:
            # A reader keeps the connection open behind a mere close.
            with suppress(OSError):
                self._connection.shutdown(socket.SHUT_RDWR)
            self._connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


class _Datagrams(io.RawIOBase):
    """Collects what libav would send: one write, one packet."""

    def __init__(self) -> None:
        super().__init__()
        self.packets: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, data: object) -> int:
        self.packets.append(bytes(cast(bytes, data)))
        return len(self.packets[-1])


def _md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


def _rtp_packets(film: Path | None, scale: Callable[[], Fraction]) -> Iterator[bytes]:
    pictures = _pictures(film)
    rate = 25 if film is None else round(_rate(film))
    number = 0
    following = next(pictures)
    while True:
        now = scale()
        width, height = (int(side * now) // 2 * 2 for side in (following.width, following.height))
        datagrams = _Datagrams()
        with av.open(datagrams, "w", format="rtp", buffer_size=1400) as container:
            options = {**LOSSLESS_H264, "tune": "zerolatency"} if film is None else _LIVE
            stream = container.add_stream("libx264", rate=rate, options=options)
            stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
            while scale() == now:
                frame = following.reformat(width, height)
                frame.pts, frame.time_base = number, Fraction(1, rate)
                container.mux(stream.encode(frame))
                yield from datagrams.packets
                datagrams.packets.clear()
                number += 1
                following = next(pictures)


def _pictures(film: Path | None) -> Iterator[av.VideoFrame]:
    if film is None:
        for number in count():
            yield picture(*SIZE, number % 256)
    assert film is not None
    with av.open(str(film)) as container:
        frames = list(container.decode(video=0))
    while True:
        yield from frames


def _rate(film: Path) -> Fraction:
    with av.open(str(film)) as container:
        return container.streams.video[0].average_rate or Fraction(25)


def _has_gone(connection: socket.socket) -> bool:
    connection.setblocking(False)
    try:
        return not connection.recv(1, socket.MSG_PEEK)
    except BlockingIOError:
        return False
    finally:
        connection.setblocking(True)
