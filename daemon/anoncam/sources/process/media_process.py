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
from anoncam.processes.channel import receive_alone, send_long
from anoncam.processes.confined_process import ConfinedProcess
from anoncam.sources.libav.open_file import open_regular
from anoncam.sources.process.messages import R, decode
from anoncam.sources.process.ranges import RangeServer
from anoncam.stores.place import Place

_SILENCE = 300.0
"""Seconds without a reply after which the process is ended: it decodes for ever."""

_POLL = 0.1
_NO_LIMIT = (1 << 63) - 1
_LEAST_MEMORY = 1 << 30
"""Bytes that decoding may take in any case: with less, libav fails where a clear error is due."""


DEFAULT_LIMITS = FilesSettings()


def _never() -> bool:
    return False


class MediaProcess:
    """A confined process that reads media; `name` is what they are called in errors.

    `is_over` says whether a reply is still wanted. Its errors are of the class `error`. After
    `silence` seconds without a reply it is ended.
    """

    def __init__(
        self,
        name: str,
        start: Callable[[], ConfinedProcess],
        is_over: Callable[[], bool] = _never,
        error: type[InputError] = InputError,
        silence: float = _SILENCE,
    ) -> None:
        """Have `start` make the process.

        Raises:
            InputError: it cannot be started.
        """
        self._name = name
        self._is_over = is_over
        self._error = error
        self._silence = silence
        self._lock = threading.Lock()
        try:
            self._process = start()
        except OSError as failure:
            reason = failure.strerror or failure
            raise error(
                f"{name} cannot be read: its decoder cannot be started: {reason}",
                "look for what uses up the memory, processes or open files of this machine",
            ) from None

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
            self._process.channel.settimeout(self._silence)
            send_long(self._process.channel, message, list(descriptors))
        except OSError as error:
            raise self._gone() from error

    def _receive(self, kind: type[R]) -> R:
        deadline = time.monotonic() + self._silence
        while time.monotonic() < deadline:
            try:
                reply = receive_alone(self._process.channel, _POLL)
            except ConnectionError as error:
                raise self._gone() from error
            if reply is not None:
                return decode(reply, kind, self._name, self._error)
            if self._is_over():
                # A late reply would be taken for that to another question.
                self._process.close()
                raise StoppedError(f"stopped while {self._name} was read")
        self._process.close()
        raise self._error(
            f"{self._name} cannot be read: nothing of it was decoded for {self._silence:g} s"
        )

    def _gone(self) -> InputError:
        return self._error(f"{self._name} cannot be read: the process that decodes it has ended")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


class FileProcess(MediaProcess):
    """A confined process that reads one file, and nothing else.

    `module` is what the process runs.

    >>> with FileProcess(path, limits) as process:
    ...     process.ask(Kind, "kind").is_picture

    Raises:
        InputError: there is no such file, or the process cannot be started.
        StoreError: it is in a store, which refuses or cannot be reached.
    """

    def __init__(
        self,
        path: Place,
        limits: FilesSettings,
        is_over: Callable[[], bool] = _never,
        module: str = "anoncam.sources.process.worker",
    ) -> None:
        memory = _NO_LIMIT if limits.max_memory is None else max(limits.max_memory, _LEAST_MEMORY)
        self._ranges: RangeServer | None = None
        if isinstance(path, Path):
            descriptor = open_regular(path)
        else:
            self._ranges = RangeServer(path)
            descriptor = self._ranges.theirs
        try:
            super().__init__(
                str(path), lambda: ConfinedProcess(module, [descriptor], memory), is_over
            )
        finally:
            os.close(descriptor)

    def _receive(self, kind: type[R]) -> R:
        try:
            return super()._receive(kind)
        finally:
            # To libav, what a store does not give is the end of the file, or damage.
            if self._ranges is not None and self._ranges.error is not None:
                raise self._ranges.error
