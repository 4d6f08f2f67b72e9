"""Whole commands, measured from outside."""

import os
import shutil
import sys
from collections.abc import Iterator
from importlib import metadata, util
from pathlib import Path
from statistics import median

from anoncam.recording.h264_stream import FILE_OPTIONS
from tools.bench.figures import Bench, Figure, progress
from tools.common.processes import CommandError, Usage, measure

_SETTINGS = tuple(f"{name}={value}" for name, value in FILE_OPTIONS.items())


_FLOOR = (
    "-c:v",
    "libx264",
    *(word for name, value in FILE_OPTIONS.items() for word in (f"-{name}", value)),
)


INSTALLED = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
"""The environment of an installed anoncam: Python keeps the bytecode that it has compiled once."""


def commands(bench: Bench) -> Iterator[Figure]:
    """Measure each program over the same clip, and its ratio to a plain transcoding, the floor."""
    python, clip = sys.executable, str(bench.clip)
    tools = {
        "transcoding, PyAV": [python, "-m", "anoncam.bench.floor", clip, *_SETTINGS],
        "transcoding, ffmpeg": ["ffmpeg", "-v", "error", "-i", clip, *_FLOOR, "-f", "null", "-"],
        "anoncam anonymize": anonymize_command(bench.clip, bench.folder),
        "deface": [
            python,
            "-m",
            "deface.deface",
            clip,
            "--output",
            str(bench.folder / "defaced.mp4"),
        ],
    }
    missing = {}
    if shutil.which("ffmpeg") is None:
        missing["transcoding, ffmpeg"] = "no ffmpeg on PATH"
    if util.find_spec("deface") is None:
        missing["deface"] = "not installed (make bench installs it)"
    usages: dict[str, list[Usage]] = {}
    peaks: dict[str, Usage] = {}
    # The programs run in turn, so that a machine that slows down for a while slows down all of
    # them. The first round reads everything from disk and watches the memory, which costs time, so
    # it is not timed. deface is the exception: it takes minutes and runs only once.
    for number in progress(bench.runs + 1, "rounds"):
        for name, command in tools.items():
            if name in missing or (name == "deface" and number):
                continue
            try:
                usage = measure(command, INSTALLED, watch_memory=not number)
            except CommandError as error:
                missing[name] = str(error)
                continue
            peaks.setdefault(name, usage)
            if number or name == "deface":
                usages.setdefault(name, []).append(usage)
    for name in tools:
        if name in missing:
            yield Figure(f"{name}: wall time", None, "s", missing[name])
        else:
            yield from _costs(name, usages[name], peaks[name])
    yield from _ratios({name: runs for name, runs in usages.items() if name not in missing})


def anonymize_command(clip: Path, folder: Path) -> list[str]:
    """The command that anonymizes `clip` into `folder`."""
    output = str(folder / "anonymized.mp4")
    return [sys.executable, "-m", "anoncam", "anonymize", "--force", str(clip), "-o", output]


def _costs(name: str, runs: list[Usage], watched: Usage) -> Iterator[Figure]:
    how = (
        "all processes, shared memory once"
        if watched.shared_once
        else "all processes, shared memory in each"
    )
    version = f", version {metadata.version(name)}" if name == "deface" else ""
    walls = [run.wall for run in runs]
    note = f"median of {len(runs)}, {min(walls):.2f} to {max(walls):.2f}{version}"
    yield Figure(f"{name}: wall time", median(walls), "s", note)
    yield Figure(f"{name}: CPU time", median(run.cpu for run in runs), "s")
    yield Figure(f"{name}: peak memory", watched.peak / 1e6, "MB", how)


def _ratios(usages: dict[str, list[Usage]]) -> Iterator[Figure]:
    """Compare runs of the same round, so that what slowed down both cancels out."""
    pairs = [
        (name, "transcoding, ffmpeg")
        for name in ("transcoding, PyAV", "anoncam anonymize", "deface")
    ]
    pairs += [("anoncam anonymize", "transcoding, PyAV"), ("deface", "anoncam anonymize")]
    for name, base in pairs:
        if name in usages and base in usages:
            pairs_of_runs = list(zip(usages[name], usages[base], strict=False))
            walls = [run.wall / other.wall for run, other in pairs_of_runs]
            cpu = median(run.cpu / other.cpu for run, other in pairs_of_runs)
            note = f"wall time, {min(walls):.2f} to {max(walls):.2f}; CPU time {cpu:.2f} x"
            yield Figure(f"{name} / {base}", median(walls), "x", note)
