"""Runs tasks on the workers of a Dask scheduler."""

import importlib
import queue
from typing import Any, Protocol

from anoncam.archive.dask_worker import attempt_here
from anoncam.archive.engine import Event
from anoncam.archive.task import ChunkDone, Failure, Finished, Opened, Task
from anoncam.errors import ConfigError, NotRunningError, SetAsideError

_CONNECT_TIMEOUT = 10
"""Seconds to wait for the scheduler."""


class _Future(Protocol):
    """What Dask gives for a task."""

    def result(self) -> object: ...


class DaskEngine:
    """The workers of the scheduler at `address`, such as ``tcp://host:8786``.

    What a worker sends back is an `Outcome`: counts, names and times, and no picture. A task whose
    worker dies runs on another one; the scheduler gives it up after its `allowed-failures`.

    >>> engine = DaskEngine("tcp://scheduler:8786")

    Raises:
        ConfigError: Dask is not installed.
        NotRunningError: there is no scheduler at that address.
    """

    def __init__(self, address: str) -> None:
        try:
            distributed = importlib.import_module("distributed")
        except ImportError as error:
            raise ConfigError(
                "--scheduler needs Dask", "install anoncam[archives], or python3-distributed"
            ) from error
        self._killed_worker: type[Exception] = distributed.KilledWorker
        try:
            self._client: Any = distributed.Client(
                address, timeout=_CONNECT_TIMEOUT, set_as_default=False
            )
        except (OSError, ValueError) as error:
            raise NotRunningError(
                f"there is no scheduler at {address}", "start one with: dask scheduler"
            ) from error
        self._tasks: dict[str, tuple[Task, _Future]] = {}
        self._over: queue.SimpleQueue[str] = queue.SimpleQueue()
        self._count = 0

    @property
    def is_idle(self) -> bool:
        """Whether no task is in work."""
        return not self._tasks

    @property
    def workers(self) -> int:
        """How many workers the scheduler has now."""
        return len(self._client.ncores())

    def submit(self, task: Task) -> None:
        """Have the task done on a worker; those of earlier files come first."""
        self._count += 1
        key = f"anoncam-{task.stage}-{task.file.number}-{task.chunk}-{self._count}"
        future = self._client.submit(
            attempt_here, task, key=key, pure=False, priority=-task.file.number
        )
        self._tasks[key] = task, future
        future.add_done_callback(lambda done: self._over.put(done.key))

    def wait(self, timeout: float) -> list[Event]:
        """What has happened, or happens in the next `timeout` seconds."""
        events: list[Event] = []
        try:
            while True:
                found = self._tasks.pop(self._over.get(timeout=0 if events else timeout), None)
                if found is not None:
                    events.append(self._event(*found))
        except queue.Empty:
            return events

    def _event(self, task: Task, future: _Future) -> Event:
        try:
            outcome = future.result()
        except self._killed_worker as error:
            return Event(
                task,
                failure=Failure(f"set aside: its workers died ({error})", SetAsideError.exit_code),
            )
        except Exception as error:  # whatever it is, it is this file's alone
            return Event(
                task, failure=Failure(f"its task failed: {error}", SetAsideError.exit_code)
            )
        if isinstance(outcome, Failure):
            return Event(task, failure=outcome)
        if isinstance(outcome, Opened | Finished | ChunkDone):
            return Event(task, outcome=outcome)
        return Event(
            task,
            failure=Failure("its worker has another version of anoncam", SetAsideError.exit_code),
        )

    def drop(self, file: int) -> None:
        """Forget the tasks of the file of that number."""
        self._cancel([key for key, (task, _) in self._tasks.items() if task.file.number == file])

    def stop(self) -> None:
        """Begin no other task. Those in work go on to their end, and are known by their files."""
        self._cancel(list(self._tasks))

    def _cancel(self, keys: list[str]) -> None:
        self._client.cancel([self._tasks.pop(key)[1] for key in keys])

    def close(self) -> None:
        """Leave the scheduler, which goes on; idempotent."""
        self._client.close()
