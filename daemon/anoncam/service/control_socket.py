"""The clients' side of the control socket: is there a daemon, and what does it see?

`control_server` describes what is sent.
"""

import contextlib
import json
import os
import socket
import struct
from collections.abc import Iterator
from pathlib import Path

from anoncam.errors import AnoncamError, NotRunningError

NAME = "control"
"""The socket for the group of the daemon."""

OWNER_NAME = "control-owner"
"""The socket for the daemon's user and root: nobody else can fill its queue."""

_CONNECT_TIMEOUT = 2
_ANSWER_TIMEOUT = 20.0

_TIMEVAL = struct.Struct("ll")


def is_alive(folder: Path) -> bool:
    """Whether a daemon serves the socket in `folder`.

    Raises:
        PermissionError: this user may not connect.
    """
    try:
        with _connected(folder):
            return True
    except (FileNotFoundError, NotADirectoryError, ConnectionRefusedError):
        return False
    except BlockingIOError:
        # Its queue is full, so there is one.
        return True


def take_snapshot(folder: Path) -> tuple[bytes, str]:
    """A JPEG from the daemon whose socket is in `folder`, and why it is veiled (empty if not).

    Raises:
        NotRunningError: the daemon does not answer, or has no picture; the message has the reason.
    """
    try:
        with _connected(folder) as channel:
            channel.settimeout(_ANSWER_TIMEOUT)
            channel.sendall(b"snapshot\n")
            received = b"".join(iter(lambda: channel.recv(1 << 16), b""))
    except OSError as error:
        raise NotRunningError(
            f"the daemon does not answer: {error.strerror or error}", "see anoncam status"
        ) from error
    header, _, jpeg = received.partition(b"\n")
    try:
        answer = json.loads(header)
    except (ValueError, RecursionError):
        answer = None
    answer = answer if isinstance(answer, dict) else {}
    problem = answer.get(
        "error", "" if answer.get("size") == len(jpeg) else "the daemon has broken off its answer"
    )
    if problem:
        raise NotRunningError(f"there is no picture: {problem}", "see anoncam status")
    return jpeg, str(answer.get("veil", ""))


def no_access(error: OSError, folder: Path) -> AnoncamError:
    """The error for a user who may not read `folder`."""
    return NotRunningError(
        f"{folder} cannot be read: {error.strerror}", "use sudo, or join the group anoncam"
    )


@contextlib.contextmanager
def socket_address(path: Path) -> Iterator[str]:
    """An address of the socket at `path` that fits the 108 bytes of unix(7)."""
    folder = os.open(path.parent, os.O_PATH | os.O_DIRECTORY)
    try:
        yield f"/proc/self/fd/{folder}/{path.name}"
    finally:
        os.close(folder)


@contextlib.contextmanager
def _connected(folder: Path) -> Iterator[socket.socket]:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as channel:
        # A timeout of Python's would not wait for a place in the queue (connect(2), EAGAIN).
        channel.setsockopt(
            socket.SOL_SOCKET, socket.SO_SNDTIMEO, _TIMEVAL.pack(_CONNECT_TIMEOUT, 0)
        )
        try:
            _connect(channel, folder / OWNER_NAME)
        except (PermissionError, FileNotFoundError, ConnectionRefusedError):
            _connect(channel, folder / NAME)
        yield channel


def _connect(channel: socket.socket, path: Path) -> None:
    with socket_address(path) as address:
        channel.connect(address)
