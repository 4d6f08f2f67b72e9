"""Starts the detector's child process, and reads its stderr to report why it ended.

Nothing here takes long to import (no numpy). So a command can start the child before it loads what
it needs itself.
"""

import signal
import subprocess
import threading
from collections import deque
from types import TracebackType
from typing import Self

from anoncam.errors import DetectorError
from anoncam.processes.channel import make_channel
from anoncam.processes.python_process import start_python

_EXIT_TIMEOUT = 1.0
"""Seconds to wait for a killed child.

One whose USB transfer hangs in the kernel ends later, on its own.
"""

_LONGEST_LINE = 1000
"""Bytes that are read of stderr at once."""

_LONGEST_QUOTE = 200
"""Characters of a line that may stand in an error message."""


class ChildProcess:
    """A process that runs `worker.py`, with a `channel` to it.

    The child ends with the thread that made this object.

    >>> with ChildProcess() as child:
    ...     child.channel.send(start.encode())

    Raises:
        DetectorError: the process cannot be started.
    """

    def __init__(self) -> None:
        self.channel, theirs = make_channel()
        self._stderr_lines: deque[str] = deque(maxlen=5)
        self._closed = False
        try:
            self.process = start_python(
                "anoncam.detectors.process.worker",
                [str(theirs.fileno())],
                [theirs.fileno()],
                subprocess.PIPE,
            )
        except OSError as error:
            self.channel.close()
            raise DetectorError(
                f"the detector process cannot be started: {error.strerror}"
            ) from error
        finally:
            theirs.close()
        self._listener = threading.Thread(target=self._listen, name="child-listener", daemon=True)
        self._listener.start()

    def exit_reason(self) -> str:
        """Describe how the child ended, with its exit code and the last line of its stderr."""
        self._listener.join(_EXIT_TIMEOUT)
        code = self.process.returncode
        if code is None:
            return "the detector process closed its connection"
        end = (
            f"was killed by {signal.Signals(-code).name}"
            if code < 0
            else f"ended with exit code {code}"
        )
        last = f": {self._stderr_lines[-1]}" if self._stderr_lines else ""
        return f"the detector process {end}{last}"

    def close(self) -> None:
        """End the child; idempotent."""
        if self._closed:
            return
        self._closed = True
        self.channel.close()
        self.process.kill()
        self._listener.join(_EXIT_TIMEOUT)

    def _listen(self) -> None:
        """Keep the last lines of stderr until the child ends, and leave no zombie."""
        stream = self.process.stderr
        assert stream is not None  # noqa: S101 - it was asked for as a pipe
        with stream:
            while line := stream.readline(_LONGEST_LINE):
                if not line.startswith(b"INFO"):
                    text = "".join(filter(str.isprintable, line.decode(errors="replace")))
                    self._stderr_lines.append(text.strip()[:_LONGEST_QUOTE])
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
