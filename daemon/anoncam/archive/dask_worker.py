"""Does tasks in a worker of Dask, one at a time."""

import threading

from anoncam.archive.host import Host
from anoncam.archive.task import Failure, Outcome, Task
from anoncam.archive.worker import attempt
from anoncam.frames import locked_memory

_alone = threading.Lock()
_hosts: list[Host] = []


def attempt_here(task: Task) -> Outcome | Failure:
    """Do the task in this process, which is sealed first: it will hold raw pixels.

    A worker with several threads does its tasks one after the other all the same, since each needs
    the memory of a job.
    """
    with _alone:
        if not _hosts:
            locked_memory.seal()
            _hosts.append(Host(lambda _frames: None))
        return attempt(task, _hosts[0])
