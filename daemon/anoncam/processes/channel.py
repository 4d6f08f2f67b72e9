"""A channel between two processes that keeps messages whole, however long they are."""

import os
import socket

PART = 1 << 16
"""Bytes of the longest part of a message; the rest of a longer part is cut off."""

LONGEST = 16 << 20
"""Bytes of the longest message."""

_MOST_DESCRIPTORS = 4
_LAST, _MORE = b"\0", b"\1"


def make_channel() -> tuple[socket.socket, socket.socket]:
    """Make the two ends of a channel that keeps messages whole.

    A reader never waits for the rest of half a message.
    """
    return socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)


def receive(channel: socket.socket, timeout: float | None) -> bytes | None:
    """Wait up to `timeout` seconds for the next part; None if none comes.

    Raises:
        ConnectionError: the other side is gone.
    """
    try:
        channel.settimeout(timeout)
        message = channel.recv(PART)
    except (TimeoutError, BlockingIOError):
        return None
    except OSError as error:
        raise ConnectionError("the other side is gone") from error
    if not message:
        raise ConnectionError("the other side is gone")
    return message


def send_long(channel: socket.socket, message: bytes, descriptors: list[int]) -> None:
    """Send a message of any length in parts, with file descriptors beside the last.

    Raises:
        OSError: the other side is gone.
    """
    size = PART - 1
    while len(message) > size:
        channel.sendall(_MORE + message[:size])
        message = message[size:]
    socket.send_fds(channel, [_LAST + message], descriptors)


def receive_long(channel: socket.socket, timeout: float | None) -> tuple[bytes, list[int]] | None:
    """Wait up to `timeout` seconds for each part of the next message; None if one does not come.

    Raises:
        ConnectionError: the other side is gone, or the message is longer than `LONGEST`.
    """
    channel.settimeout(timeout)
    descriptors: list[int] = []
    try:
        return _collect(channel, descriptors), descriptors
    except BaseException as error:
        _close(descriptors)
        if isinstance(error, TimeoutError | BlockingIOError):
            return None
        if isinstance(error, OSError):
            raise ConnectionError("the other side is gone") from error
        raise


def _collect(channel: socket.socket, descriptors: list[int]) -> bytes:
    """Receive all parts of a message, and add what is beside them to `descriptors`."""
    parts: list[bytes] = []
    while not parts or parts[-1][:1] != _LAST:
        part, beside, _, _ = socket.recv_fds(channel, PART, _MOST_DESCRIPTORS)
        descriptors += beside
        parts.append(part)
        if not part or len(parts) * PART > LONGEST or len(descriptors) > _MOST_DESCRIPTORS:
            raise ConnectionError("the other side is gone, or sends without end")
    return b"".join(part[1:] for part in parts)


def receive_alone(channel: socket.socket, timeout: float | None) -> bytes | None:
    """Wait as `receive_long` does for a message without descriptors; any beside it are closed.

    Raises:
        ConnectionError: the other side is gone, or the message is longer than `LONGEST`.
    """
    received = receive_long(channel, timeout)
    if received is None:
        return None
    _close(received[1])
    return received[0]


def _close(descriptors: list[int]) -> None:
    for descriptor in descriptors:
        os.close(descriptor)
