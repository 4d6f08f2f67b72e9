"""A camera that replies with whatever bytes a test gives it."""

import socket
import threading
from collections.abc import Callable, Iterable
from contextlib import suppress
from types import TracebackType
from typing import Self


class ReplyingCamera:
    """Sends what `reply` yields to whoever connects and has asked something, and hangs up."""

    def __init__(self, reply: Callable[[], Iterable[bytes]]) -> None:
        self._reply = reply
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.address = f"rtsp://user:secret@127.0.0.1:{self._socket.getsockname()[1]}/stream"
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            with connection, suppress(OSError):
                connection.recv(1 << 16)
                for data in self._reply():
                    connection.sendall(data)
                connection.shutdown(socket.SHUT_WR)
                while connection.recv(1 << 16):
                    pass

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._socket.close()
