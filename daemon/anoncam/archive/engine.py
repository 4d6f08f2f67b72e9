"""The seam of what tasks run on: processes of this machine, or a scheduler of many."""

from dataclasses import dataclass
from typing import Protocol

from anoncam.archive.task import Failure, Outcome, Task


@dataclass(frozen=True)
class Event:
    """What has become of a task: `frames` are done, or there is an outcome, or a failure."""

    task: Task
    frames: int = 0
    outcome: Outcome | None = None
    failure: Failure | None = None


class Engine(Protocol):
    """Runs tasks side by side, those of earlier files first."""

    def submit(self, task: Task) -> None:
        """Have the task done, now or later."""
        ...

    def wait(self, timeout: float) -> list[Event]:
        """What has happened, or happens in the next `timeout` seconds."""
        ...

    def drop(self, file: int) -> None:
        """Forget the tasks of the file of that number that have not begun."""
        ...

    @property
    def is_idle(self) -> bool:
        """Whether no task is in work."""
        ...

    def stop(self) -> None:
        """Have the tasks in work end soon, and begin no others."""
        ...

    def close(self) -> None:
        """End all; idempotent."""
        ...
