"""Runs tasks in processes of this machine."""

import heapq
import os
import signal
import socket
import subprocess
from collections.abc import Callable
from multiprocessing.connection import Connection, wait

from anoncam.archive.engine import Event
from anoncam.archive.task import Failure, Task
from anoncam.errors import SetAsideError, StoppedError
from anoncam.processes.python_process import start_python

_END_TIMEOUT = 15.0
"""Seconds that a process may take to end its task on a stop."""


class _Worker:
    """A process, and the task it has."""

    def __init__(self) -> None:
        ours, theirs = socket.socketpair()
        with theirs:
            descriptor = theirs.fileno()
            self.process = start_python(
                "anoncam.archive.worker",
                [str(descriptor)],
                [descriptor],
                stderr=None,
                opens_stores=True,
            )
        self.connection = Connection(ours.detach())
        self.task: Task | None = None

    def close(self) -> None:
        self.connection.close()
        try:
            self.process.wait(_END_TIMEOUT)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


class LocalEngine:
    """As many processes as jobs, each started with its first task.

    >>> engine = LocalEngine(jobs=2)
    >>> engine.submit(task)
    >>> events = engine.wait(1.0)
    """

    def __init__(self, jobs: int, start: Callable[[], _Worker] = _Worker) -> None:
        self._jobs = jobs
        self._start = start
        self._queue: list[tuple[int, int, Task]] = []
        self._count = 0
        self._workers: list[_Worker] = []
        self._stopping = False

    @property
    def pids(self) -> list[int]:
        """The numbers of its processes."""
        return [worker.process.pid for worker in self._workers]

    @property
    def is_idle(self) -> bool:
        """Whether no task is in work."""
        return all(worker.task is None for worker in self._workers)

    def submit(self, task: Task) -> None:
        """Have the task done when a process is free; those of earlier files come first."""
        self._count += 1
        heapq.heappush(self._queue, (task.file.number, self._count, task))
        self._assign()

    def drop(self, file: int) -> None:
        """Forget the tasks of the file of that number that have not begun."""
        self._queue = [each for each in self._queue if each[0] != file]
        heapq.heapify(self._queue)

    def wait(self, timeout: float) -> list[Event]:
        """What has happened, or happens in the next `timeout` seconds."""
        events = []
        by_connection = {worker.connection: worker for worker in self._workers}
        for ready in wait(list(by_connection), timeout):
            assert isinstance(ready, Connection)  # noqa: S101 - nothing else was given
            event = self._read(by_connection[ready])
            if event is not None:
                events.append(event)
        self._assign()
        return events

    def _read(self, worker: _Worker) -> Event | None:
        task = worker.task
        try:
            message = worker.connection.recv()
        except (EOFError, OSError):
            self._workers.remove(worker)
            worker.close()
            if task is None:
                return None
            code = worker.process.returncode
            how = signal.Signals(-code).name if code < 0 else f"exit code {code}"
            if self._stopping:
                return Event(task, failure=Failure("stopped", StoppedError.exit_code))
            return Event(
                task,
                failure=Failure(
                    f"its process died ({how})", SetAsideError.exit_code, may_pass=True
                ),
            )
        assert task is not None  # noqa: S101 - a worker speaks of its task only
        if isinstance(message, int):
            return Event(task, frames=message)
        worker.task = None
        if isinstance(message, Failure):
            return Event(task, failure=message)
        return Event(task, outcome=message)

    def _assign(self) -> None:
        while self._queue and not self._stopping:
            free = next((each for each in self._workers if each.task is None), None)
            if free is None:
                if len(self._workers) == self._jobs:
                    return
                free = self._start()
                self._workers.append(free)
            free.task = heapq.heappop(self._queue)[2]
            try:
                free.connection.send(free.task)
            except OSError:
                # It has died: `wait` reports that, with the task.
                continue

    def stop(self) -> None:
        """Have the tasks in work end soon, and begin no others."""
        self._stopping = True
        self._queue.clear()
        for worker in self._workers:
            os.kill(worker.process.pid, signal.SIGTERM)

    def close(self) -> None:
        """End all processes; idempotent."""
        while self._workers:
            self._workers.pop().close()
