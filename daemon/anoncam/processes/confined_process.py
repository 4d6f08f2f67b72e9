"""The parent's side of a confined process: starts it, holds the channel to it, ends it."""

import atexit
import contextlib
import errno
import json
import os
import select
import signal
import socket
import subprocess
import threading
import weakref
from collections.abc import Sequence

from anoncam.processes.channel import make_channel, receive_long, send_long
from anoncam.processes.python_process import start_python
from anoncam.processes.seccomp import Handed

PRELOADED = ("anoncam.audit.looking_worker", "anoncam.sources.process.stream_worker")
"""What confined processes run. It is loaded before they are forked."""

_END_TIMEOUT = 1.0
"""Seconds in which the fork server ends by itself, and is not killed; and what is killed ends."""

_START_TIMEOUT = 60.0
"""Seconds in which the fork server must have forked; it may have to load libav from a slow card."""


class ConfinedProcess:
    """A process without rights that runs `serve(channel, descriptors)` of a module.

    `memory` is how many bytes it may use. Its file system and network are the `descriptors` alone,
    and the `connection` or the `device`: whatever it connects to or opens, it gets this one.

    >>> with contextlib.closing(ConfinedProcess("anoncam.sources.process.worker", [3], 1 << 30)):
    ...     ...

    Raises:
        OSError: it cannot be started.
    """

    def __init__(
        self,
        module: str,
        descriptors: Sequence[int],
        memory: int,
        connection: socket.socket | None = None,
        device: int | None = None,
    ) -> None:
        self.channel, theirs = make_channel()
        handed: Handed = ""
        if connection is not None:
            handed, descriptors = "connection", [connection.fileno(), *descriptors]
        elif device is not None:
            handed, descriptors = "device", [device, *descriptors]
        request = json.dumps({"module": module, "memory": memory, "handed": handed}).encode()
        try:
            handle = _server.fork(request, [theirs.fileno(), *descriptors])
        except BaseException:
            self.channel.close()
            raise
        finally:
            theirs.close()
        # It ends with this object, at the latest.
        self._end = weakref.finalize(self, _end, self.channel, handle, handed == "device")

    def close(self) -> None:
        """End it, whatever it does; its device can be opened by another one then. Idempotent."""
        self._end()


def _end(channel: socket.socket, handle: int, has_device: bool) -> None:
    channel.close()
    with contextlib.suppress(ProcessLookupError):
        signal.pidfd_send_signal(handle, signal.SIGKILL)
    if has_device:
        # A driver that hangs may keep it longer.
        ended = select.poll()
        ended.register(handle, select.POLLIN)
        ended.poll(_END_TIMEOUT * 1000)
    os.close(handle)


def start_fork_server() -> None:
    """Start the fork server in advance; it loads what it needs while this process goes on."""
    # Why it cannot be started is told when it is needed.
    with contextlib.suppress(OSError):
        _server.start()


class _ForkServer:
    """The fork server of this process; it is started when it is first needed."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._channel: socket.socket | None = None

    def start(self) -> None:
        with self._lock:
            if self._channel is None:
                self._start()

    def fork(self, request: bytes, descriptors: list[int]) -> int:
        """Return a handle (pidfd) of a new process.

        Raises:
            OSError: there is none.
        """
        with self._lock:
            try:
                return self._ask(request, descriptors)
            except OSError:
                # Somebody has killed it. One that is started anew does not fail again.
                self._end()
            return self._ask(request, descriptors)

    def _ask(self, request: bytes, descriptors: list[int]) -> int:
        channel = self._channel or self._start()
        send_long(channel, request, descriptors)
        reply = receive_long(channel, _START_TIMEOUT)
        if reply is None:
            self._end()
            raise TimeoutError("the process that starts readers of media does not answer")
        handles = reply[1]
        if not handles:
            # The kernel has dropped it for want of room. Nobody could end the process.
            raise OSError(errno.EMFILE, os.strerror(errno.EMFILE))
        return handles[0]

    def _start(self) -> socket.socket:
        self._channel, theirs = make_channel()
        with theirs:
            self._process = start_python(
                "anoncam.processes.fork_server",
                [str(theirs.fileno()), *PRELOADED],
                [theirs.fileno()],
                subprocess.DEVNULL,
            )
        return self._channel

    def close(self) -> None:
        with self._lock:
            self._end()

    def _end(self) -> None:
        if self._channel is not None:
            # It ends its children, and then itself. One that hangs is killed, and they with it.
            with self._channel as channel, contextlib.suppress(OSError):
                channel.shutdown(socket.SHUT_WR)
                channel.settimeout(_END_TIMEOUT)
                channel.recv(1)
        if self._process is not None:
            self._process.kill()
            self._process.wait()
        self._channel = self._process = None


_server = _ForkServer()
atexit.register(_server.close)
