"""Measures whole commands from outside, in turn, so that a machine slows all of them alike."""

import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from anoncam import __version__
from anoncam.bench.footage import make_footage
from anoncam.errors import InputError
from anoncam.recording.h264_stream import FILE_OPTIONS

ROUNDS = 3


@dataclass(frozen=True)
class Bench:
    """The result: medians of `rounds`, in seconds of wall time and of processor time.

    The floor is the least that any program does to a video: it decodes and encodes it. `ratio` and
    `cpu_ratio` are those of anoncam and the floor in the same round.
    """

    machine: str
    cores: int
    version: str
    clip: str
    rounds: int
    floor: float
    floor_cpu: float
    anonymize: float
    anonymize_cpu: float
    ratio: float
    cpu_ratio: float


def measure(clip: Path | None, show: Callable[[str], None], rounds: int = ROUNDS) -> Bench:
    """Measure `clip`, or footage that is made for it; `show` gets the progress.

    Raises:
        InputError: the clip cannot be anonymized.
    """
    with tempfile.TemporaryDirectory() as folder:
        footage = clip or Path(folder) / "bench.mp4"
        if clip is None:
            show("the footage is made")
            make_footage(footage)
        settings = [f"{name}={value}" for name, value in FILE_OPTIONS.items()]
        output = str(Path(folder) / "anonymized.mp4")
        python = [sys.executable, "-m"]
        floor = [*python, "anoncam.bench.floor", str(footage), *settings]
        ours = [*python, "anoncam", "anonymize", "--force", str(footage), "-o", output]
        costs: list[tuple[float, float, float, float]] = []
        # The first round reads everything from the disk, and does not count.
        for number in range(rounds + 1):
            show(f"round {number} of {rounds}" if number else "a round that does not count")
            cost = (*_cost(floor), *_cost(ours))
            if number:
                costs.append(cost)
    walls, cpus, our_walls, our_cpus = zip(*costs, strict=True)
    return Bench(
        machine(),
        os.cpu_count() or 1,
        __version__,
        "made for the bench, 10 s of 1280x720" if clip is None else clip.name,
        rounds,
        _median(walls),
        _median(cpus),
        _median(our_walls),
        _median(our_cpus),
        _median(ours / least for ours, least in zip(our_walls, walls, strict=True)),
        _median(ours / least for ours, least in zip(our_cpus, cpus, strict=True)),
    )


def _median(values: Iterable[float]) -> float:
    return round(median(values), 3)


def machine() -> str:
    """The name of the machine, as its firmware says, or its architecture."""
    try:
        return Path("/proc/device-tree/model").read_text().strip("\0\n")
    except OSError:
        return platform.machine()


def _cost(command: Sequence[str]) -> tuple[float, float]:
    """Seconds of wall time and of processor time, those of all its children among them."""
    begun = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    with process:
        assert process.stderr is not None  # noqa: S101 - it was asked for as a pipe
        errors = process.stderr.read().decode(errors="replace").strip()
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise InputError(errors.splitlines()[-1] if errors else "the clip cannot be measured")
    return time.perf_counter() - begun, used.ru_utime + used.ru_stime
