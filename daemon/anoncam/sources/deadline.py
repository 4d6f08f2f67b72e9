"""A time (time.monotonic) at which everything that is asked of a camera must be over."""

import socket
import time
from io import BufferedReader, RawIOBase
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer


def left(deadline: float) -> float:
    """Seconds until the deadline.

    Raises:
        TimeoutError: it has passed.
    """
    seconds = deadline - time.monotonic()
    if seconds <= 0:
        raise TimeoutError
    return seconds


def reader(connection: socket.socket, deadline: float) -> BufferedReader:
    """Reads what a camera sends, which may come byte by byte, and raises TimeoutError after all."""
    return BufferedReader(_Received(connection, deadline))


class _Received(RawIOBase):
    def __init__(self, connection: socket.socket, deadline: float) -> None:
        self._connection = connection
        self._deadline = deadline

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "WriteableBuffer", /) -> int:
        self._connection.settimeout(left(self._deadline))
        return self._connection.recv_into(buffer)
