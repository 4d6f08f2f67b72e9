"""The detector's process as its parent holds it: started at once, told later what to load, read to
its last words.
"""

import os
import signal
import socket
import subprocess
import sys
import threading
from collections import deque
from types import TracebackType
from typing import Self

from anoncam.errors import DetectorError

_LAST_WORDS = 1.0
"""Seconds that a child may take to die: one whose USB transfer hangs in the kernel dies later, on
its own."""

_COMPLAINT = 1000


class ChildProcess:
    """The process of `detectors/child.py`, with a `channel` to it and a file descriptor of `memory`
    to share.

    It is given both as numbers of file descriptors, and ends with the thread that made it. Nothing
    here takes long to import, so that it can be started before all that its parent needs is loaded.

    >>> with ChildProcess() as child:
    ...     child.channel.send(start.encode())

    Raises:
        DetectorError: it cannot be started.
    """

    def __init__(self) -> None:
        self.channel, theirs = pair()
        self.memory = os.memfd_create("anoncam-pictures", os.MFD_CLOEXEC)
        self._complaints: deque[str] = deque(maxlen=5)
        self._closed = False
        try:
            self.process = _start((theirs.fileno(), self.memory))
        except OSError as error:
            self.channel.close()
            os.close(self.memory)
            raise DetectorError(
                f"the detector process cannot be started: {error.strerror}"
            ) from error
        finally:
            theirs.close()
        self._listener = threading.Thread(target=self._listen, name="child-listener", daemon=True)
        self._listener.start()

    def exit_reason(self) -> str:
        """How the child ended, as far as it can be told."""
        self._listener.join(_LAST_WORDS)
        code = self.process.returncode
        if code is None:
            return "the detector process closed its connection"
        end = (
            f"was killed by {signal.Signals(-code).name}"
            if code < 0
            else f"ended with exit code {code}"
        )
        last = f": {self._complaints[-1]}" if self._complaints else ""
        return f"the detector process {end}{last}"

    def close(self) -> None:
        """End the child; idempotent."""
        if self._closed:
            return
        self._closed = True
        self.channel.close()
        os.close(self.memory)
        self.process.kill()
        self._listener.join(_LAST_WORDS)

    def _listen(self) -> None:
        """Keep the last lines of the child until it ends, and leave no zombie."""
        stream = self.process.stderr
        assert stream is not None  # noqa: S101 - it was asked for as a pipe
        with stream:
            while line := stream.readline(_COMPLAINT):
                if not line.startswith(b"INFO"):
                    text = "".join(filter(str.isprintable, line.decode(errors="replace")))
                    self._complaints.append(text.strip()[:200])
        self.process.wait()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def pair() -> tuple[socket.socket, socket.socket]:
    """The two ends of a channel that keeps messages whole: half a message cannot make its reader
    wait for the rest.
    """
    return socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)


def _start(descriptors: tuple[int, int]) -> subprocess.Popen[bytes]:
    # The child needs no settings, some of which are secrets, and no signals from the terminal.
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith("ANONCAM__")
    }
    return subprocess.Popen(
        [sys.executable, "-P", "-m", "anoncam.detectors.process.worker", *map(str, descriptors)],
        pass_fds=descriptors,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        env=environment,
        start_new_session=True,
    )
