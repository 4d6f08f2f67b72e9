"""The parent's side of the process that decodes: opens the file, asks, checks, ends it."""

import json
import os
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from anoncam.config.schema import FilesSettings
from anoncam.errors import InputError, StoppedError
from anoncam.processes.channel import receive_long, send_long
from anoncam.processes.confined_process import ConfinedProcess
from anoncam.sources.libav.open_file import open_regular
from anoncam.sources.process.messages import R, decode

_SILENCE = 300.0
"""Seconds without a reply after which the process is ended: it decodes for ever."""

_POLL = 0.1
_NO_LIMIT = (1 << 63) - 1


def _never() -> bool:
    return False


class MediaProcess:
    """A confined process that reads one file, and nothing else.

    `is_over` says whether a reply is still wanted. `module` is what the process runs.

    >>> with MediaProcess(path, limits) as process:
    ...     process.ask(Kind, "kind").is_picture

    Raises:
        InputError: there is no such file, or the process cannot be started.
    """

    def __init__(
        self,
        path: Path,
        limits: FilesSettings,
        is_over: Callable[[], bool] = _never,
        module: str = "anoncam.sources.process.worker",
    ) -> None:
        self._path = path
        self._is_over = is_over
        self._lock = threading.Lock()
        descriptor = open_regular(path)
        memory = _NO_LIMIT if limits.max_memory is None else limits.max_memory
        try:
            self._process = ConfinedProcess(module, [descriptor], memory)
        except OSError as error:
            raise InputError(
                f"{path} cannot be read: the process that decodes it cannot be started:"
                f" {error.strerror or error}"
            ) from error
        finally:
            os.close(descriptor)

    def ask(
        self, kind: type[R], do: str, descriptors: Sequence[int] = (), **arguments: object
    ) -> R:
        """Have the process `do` something, and return its reply, of which each field is checked.

        Raises:
            InputError: the process cannot do it, has ended, or lies.
            StoppedError: the reply is no longer wanted.
        """
        with self._lock:
            self._send(do, descriptors, arguments)
            return self._receive(kind)

    def listen(self, kind: type[R]) -> R:
        """Wait for a further reply to what was asked last; raises what `ask` raises."""
        with self._lock:
            return self._receive(kind)

    def close(self) -> None:
        """End the process; idempotent."""
        self._process.close()

    def _send(self, do: str, descriptors: Sequence[int], arguments: dict[str, object]) -> None:
        message = json.dumps({"do": do, **arguments}).encode()
        try:
            self._process.channel.settimeout(_SILENCE)
            send_long(self._process.channel, message, list(descriptors))
        except OSError as error:
            raise self._gone() from error

    def _receive(self, kind: type[R]) -> R:
        deadline = time.monotonic() + _SILENCE
        while time.monotonic() < deadline:
            try:
                reply = receive_long(self._process.channel, _POLL)
            except ConnectionError as error:
                raise self._gone() from error
            if reply is not None:
                message, descriptors = reply
                for descriptor in descriptors:
                    os.close(descriptor)
                return decode(message, kind, self._path)
            if self._is_over():
                # A late reply would be taken for that to another question.
                self._process.close()
                raise StoppedError(f"stopped while {self._path} was read")
        self._process.close()
        raise InputError(
            f"{self._path} cannot be read: nothing of it was decoded for {_SILENCE:g} s"
        )

    def _gone(self) -> InputError:
        return InputError(f"{self._path} cannot be read: the process that decodes it has ended")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()
