"""A channel between two processes that keeps messages whole, however long they are."""

import os
import socket
import time

PART = 1 << 16
"""Bytes of the longest part of a message; the rest of a longer part is cut off."""

LONGEST = 16 << 20
"""Bytes of the longest message."""

_MOST_DESCRIPTORS = 4
_REST_TIMEOUT = 10.0
"""Seconds that the rest of a message may take: its sender may have to wait for a processor."""
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


def receive_beside(channel: socket.socket, timeout: float | None) -> tuple[bytes, list[int]] | None:
    """Wait as `receive` does, and return the part with the file descriptors beside it.

    Raises:
        ConnectionError: the other side is gone.
    """
    try:
        channel.settimeout(timeout)
        message, descriptors, _, _ = socket.recv_fds(channel, PART, _MOST_DESCRIPTORS)
    except (TimeoutError, BlockingIOError):
        return None
    except OSError as error:
        raise ConnectionError("the other side is gone") from error
    if not message:
        close_all(descriptors)
        raise ConnectionError("the other side is gone")
    return message, descriptors


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
    """Wait up to `timeout` seconds for the next message to begin; None if it does not.

    Raises:
        ConnectionError: the other side is gone, or the message is too long or has no end.
    """
    channel.settimeout(timeout)
    parts: list[bytes] = []
    descriptors: list[int] = []
    try:
        return _collect(channel, parts, descriptors), descriptors
    except BaseException as error:
        close_all(descriptors)
        if isinstance(error, TimeoutError | BlockingIOError) and not parts:
            return None
        if isinstance(error, OSError):
            raise ConnectionError("the other side is gone") from error
        raise


def _collect(channel: socket.socket, parts: list[bytes], descriptors: list[int]) -> bytes:
    """Receive all parts of a message into `parts`, and what is beside them into `descriptors`."""
    deadline = 0.0
    while not parts or parts[-1][:1] != _LAST:
        if parts:
            # What has come must not be lost, or the rest would be taken for the next message.
            deadline = deadline or time.monotonic() + _REST_TIMEOUT
            channel.settimeout(max(0.0, deadline - time.monotonic()))
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
    close_all(received[1])
    return received[0]


def close_all(descriptors: list[int]) -> None:
    """Close descriptors that came beside a message."""
    for descriptor in descriptors:
        os.close(descriptor)
