"""A channel between two processes that keeps messages whole, however long they are."""

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
    parts: list[bytes] = []
    length = 0
    while length <= LONGEST:
        try:
            part, descriptors, _, _ = socket.recv_fds(channel, PART, _MOST_DESCRIPTORS)
        except (TimeoutError, BlockingIOError):
            return None
        except OSError as error:
            raise ConnectionError("the other side is gone") from error
        if not part:
            raise ConnectionError("the other side is gone")
        parts.append(part[1:])
        length += len(part)
        if part[:1] == _LAST:
            return b"".join(parts), descriptors
    raise ConnectionError("the other side sends a message without end")
