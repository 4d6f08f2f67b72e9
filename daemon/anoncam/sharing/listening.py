"""The socket at which the detector service listens: systemd's, or one of its own."""

import os
import socket
from collections.abc import Mapping
from pathlib import Path

from anoncam.errors import ConfigError, StorageError

_FIRST = 3
"""The first descriptor that systemd passes (sd_listen_fds(3))."""

_BACKLOG = 64


def listening_socket(environment: Mapping[str, str], path: Path | None) -> socket.socket:
    """The socket that systemd has passed to this process, or a new one at `path`, for its user.

    It takes the place of a socket that was left there, and of nothing else.

    Raises:
        ConfigError: there is neither.
        StorageError: it cannot be made.
    """
    if environment.get("LISTEN_PID") == str(os.getpid()) and environment.get("LISTEN_FDS") == "1":
        return socket.socket(fileno=_FIRST)
    if path is None:
        raise ConfigError("systemd has passed no socket", "give one with --socket PATH")
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    try:
        if path.is_socket():
            path.unlink()
        before = os.umask(0o177)
        try:
            listener.bind(str(path))
        finally:
            os.umask(before)
        listener.listen(_BACKLOG)
    except OSError as error:
        listener.close()
        raise StorageError(
            f"the socket {path} cannot be made: {error.strerror or error}",
            "choose a folder in which you may write",
        ) from error
    return listener
