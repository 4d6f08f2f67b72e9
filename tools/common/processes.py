"""What a command costs: wall time, CPU time, and the memory of all its processes together."""

import os
import subprocess
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path

_SAMPLE_EVERY = 0.02
_LOOK_FOR_CHILDREN_EVERY = 0.2


@dataclass(frozen=True)
class Usage:
    """Seconds, and bytes; `shared_once` tells whether memory that processes share was counted once
    (PSS) or in each.

    `peak` is 0 where memory was not watched.
    """

    wall: float
    cpu: float
    peak: int
    shared_once: bool


class CommandError(Exception):
    """The command failed; the message ends with what it said."""


def measure(
    command: Sequence[str],
    environment: Mapping[str, str] | None = None,
    *,
    watch_memory: bool = True,
) -> Usage:
    """Run `command` to its end. To watch its memory takes a core some time, and holds up its page
    faults.

    Raises:
        CommandError: it cannot be started, or ends with another exit code than 0.
    """
    began = time.perf_counter()
    try:
        process = subprocess.Popen(
            command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, env=environment
        )
    except OSError as error:
        raise CommandError(f"{command[0]}: {error.strerror}") from error
    sampler = _Sampler(process.pid)
    with process, sampler if watch_memory else nullcontext():
        assert process.stderr is not None
        said = process.stderr.read()
        # wait4 rather than Popen.wait: it adds up the CPU time of the process and of all that it
        # waited for.
        _, wait_status, resources = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(wait_status)
        wall = time.perf_counter() - began
    if process.returncode != 0:
        last = said.decode(errors="replace").strip().splitlines()[-3:]
        raise CommandError(f"{' '.join(command)} ended with {process.returncode}: {' '.join(last)}")
    return Usage(wall, resources.ru_utime + resources.ru_stime, sampler.peak, sampler.shared_once)


class _Sampler:
    """Watches the memory of a process and its descendants from a thread of its own."""

    def __init__(self, pid: int) -> None:
        self.peak = 0
        self.shared_once = True
        self._pid = pid
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> None:
        self._thread.start()

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self._thread.join()

    def _watch(self) -> None:
        family, looked = {self._pid}, 0.0
        while not self._done.wait(_SAMPLE_EVERY):
            if time.monotonic() - looked > _LOOK_FOR_CHILDREN_EVERY:
                family, looked = descendants(self._pid), time.monotonic()
            self.peak = max(self.peak, sum(map(self._memory, family)))

    def _memory(self, pid: int) -> int:
        try:
            return _field(Path(f"/proc/{pid}/smaps_rollup"), "Pss:")
        except (FileNotFoundError, ProcessLookupError):
            return 0
        except PermissionError:
            # A process that is not dumpable lets only root look: its resident memory is known to
            # all.
            self.shared_once = False
        try:
            return _field(Path(f"/proc/{pid}/status"), "VmRSS:")
        except (FileNotFoundError, ProcessLookupError):
            return 0


def descendants(pid: int) -> set[int]:
    """`pid` and the processes below it."""
    parents = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal():
            try:
                # The command's name, in brackets, may itself hold blanks and brackets.
                parents[int(entry.name)] = int(
                    (entry / "stat").read_text().rpartition(")")[2].split()[1]
                )
            except (FileNotFoundError, ProcessLookupError):
                continue
    family = {pid}
    while more := {child for child, parent in parents.items() if parent in family} - family:
        family |= more
    return family


def _field(path: Path, name: str) -> int:
    for line in path.read_text().splitlines():
        if line.startswith(name):
            return int(line.split()[1]) * 1024
    return 0
