"""Processes that take the processor from the daemon."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

_STEALING = """
import os, time
end = time.monotonic() + {longest}
while time.monotonic() < end:
    os.sched_setscheduler(0, os.SCHED_OTHER, os.sched_param(0))
"""

_LONGEST = 60
"""Seconds."""


@contextmanager
def stealing(processes: int, nice: int = 0) -> Iterator[None]:
    """Processes that take all of the processor that they get.

    They share it fairly, even if another makes them run in real time meanwhile, and end by
    themselves: whoever is kept from the processor could not end them."""
    command = ["nice", "-n", str(nice), sys.executable, "-c", _STEALING.format(longest=_LONGEST)]
    started = [subprocess.Popen(command) for _ in range(processes)]
    try:
        yield
    finally:
        for process in started:
            process.kill()
            process.wait()
