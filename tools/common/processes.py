"""What a command costs: wall time, processor time, and the memory of all its processes."""

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
    """The cost of one run: `wall` and `cpu` in seconds, `peak` memory in bytes.

    `peak` is 0 where memory was not watched. `shared_once` is true where memory that processes
    share was counted once (PSS), and false where it was counted in each of them (RSS).
    """

    wall: float
    cpu: float
    peak: int
    shared_once: bool


class CommandError(Exception):
    """The command failed; the message ends with its last lines on stderr."""


def measure(
    command: Sequence[str],
    environment: Mapping[str, str] | None = None,
    *,
    watch_memory: bool = True,
) -> Usage:
    """Run `command` to its end and measure it.

    Watching its memory takes processor time and delays its page faults, so time a run without it.

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
        errors = process.stderr.read()
        # Popen.wait does not give the processor time; wait4 gives it with that of all children.
        _, wait_status, resources = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(wait_status)
        wall = time.perf_counter() - began
    if process.returncode != 0:
        last = errors.decode(errors="replace").strip().splitlines()[-3:]
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
            # Only root may read this of a process that is not dumpable. Anyone may read its RSS.
            self.shared_once = False
        try:
            return _field(Path(f"/proc/{pid}/status"), "VmRSS:")
        except (FileNotFoundError, ProcessLookupError):
            return 0


def descendants(pid: int) -> set[int]:
    """Find `pid` and all processes below it."""
    parents = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal():
            try:
                # The name of the command, in brackets, may itself contain blanks and brackets.
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
