"""Notices when a file that nobody may read is opened, or when somebody connects to a server."""

import ctypes
import os
import socket
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

_IN_OPEN = 0x20
_LIBC = ctypes.CDLL(None, use_errno=True)


class Tripwire:
    """A `bait` to read, and a `port` of the local host to connect or to send to.

    >>> with Tripwire(bait) as tripwire:
    ...     bait.read_bytes()
    ...     assert tripwire.touched() == ["file"]
    """

    def __init__(self, bait: Path) -> None:
        self.bait = bait
        self._inotify = _LIBC.inotify_init1(os.O_NONBLOCK | os.O_CLOEXEC)
        watch = _LIBC.inotify_add_watch(self._inotify, os.fsencode(bait), _IN_OPEN)
        assert watch >= 0, os.strerror(ctypes.get_errno())
        self._tcp = socket.create_server(("127.0.0.1", 0))
        self.port = self._tcp.getsockname()[1]
        self._udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._udp.bind(("127.0.0.1", self.port))
        for server in (self._tcp, self._udp):
            server.setblocking(False)

    def touched(self) -> list[str]:
        """What was opened, connected to or sent to since the last call."""
        kinds = []
        for kind, touch in (("file", self._opened), ("tcp", self._connected), ("udp", self._sent)):
            with suppress(BlockingIOError):
                touch()
                kinds.append(kind)
        return kinds

    def _opened(self) -> None:
        os.read(self._inotify, 1 << 16)

    def _connected(self) -> None:
        self._tcp.accept()[0].close()

    def _sent(self) -> None:
        self._udp.recv(1)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        os.close(self._inotify)
        self._tcp.close()
        self._udp.close()
