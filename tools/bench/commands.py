"""Whole commands, measured from outside."""

import os
import shutil
import sys
from collections.abc import Iterator
from importlib import metadata, util
from pathlib import Path
from statistics import median

import av

from anoncam.recording.h264_stream import FILE_OPTIONS
from tools.bench.figures import Bench, Figure, progress
from tools.common.processes import CommandError, Usage, measure

_SETTINGS = tuple(f"{name}={value}" for name, value in FILE_OPTIONS.items())
_FLOOR = (
    "-c:v",
    "libx264",
    *(word for name, value in FILE_OPTIONS.items() for word in (f"-{name}", value)),
)

_INSTALLED = {
    name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"
}
"""As it is where anoncam is installed: what Python has compiled once is kept, whatever is set
here."""


def commands(bench: Bench) -> Iterator[Figure]:
    """Wall time, CPU time and peak memory of each tool over the same clip, and their ratio to the
    floor.
    """
    python, clip = sys.executable, str(bench.clip)
    tools = {
        "transcoding, PyAV": [python, "-m", "tools.bench.floor", clip, *_SETTINGS],
        "transcoding, ffmpeg": ["ffmpeg", "-v", "error", "-i", clip, *_FLOOR, "-f", "null", "-"],
        "anoncam anonymize": _anonymize(bench.clip, bench.folder),
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
    # In turn, so that a machine that slows down for a while slows down all of them. The first round
    # reads everything from the disk and watches the memory, which takes time: only deface's, which
    # takes minutes, is timed in it.
    for number in progress(bench.runs + 1, "rounds"):
        for name, command in tools.items():
            if name in missing or (name == "deface" and number):
                continue
            try:
                usage = measure(command, _INSTALLED, watch_memory=not number)
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


def passes(bench: Bench) -> Iterator[Figure]:
    """Peak memory over the clip once, and over the clip ten times in a row: it should be the
    same.
    """
    long = bench.folder / f"ten-times{bench.clip.suffix}"
    repeat(bench.clip, long, 10)
    for name, clip in (("1 pass", bench.clip), ("10 passes", long)):
        try:
            usage = measure(_anonymize(clip, bench.folder), _INSTALLED)
        except CommandError as error:
            yield Figure(f"anoncam anonymize, {name}: peak memory", None, "MB", str(error))
        else:
            yield Figure(f"anoncam anonymize, {name}: peak memory", usage.peak / 1e6, "MB")


def repeat(clip: Path, output: Path, times: int) -> None:
    """Write the video of `clip` `times` over to `output`, as one video, without encoding it
    again.
    """
    with av.open(output, "w") as written:
        stream, offset = None, 0
        for _ in range(times):
            with av.open(clip) as container:
                source = container.streams.video[0]
                stream = stream or written.add_stream_from_template(source)
                end = 0
                for packet in container.demux(source):
                    if packet.dts is None or packet.pts is None:
                        continue
                    end = max(end, packet.pts + (packet.duration or 0))
                    packet.pts, packet.dts, packet.stream = (
                        packet.pts + offset,
                        packet.dts + offset,
                        stream,
                    )
                    written.mux(packet)
                offset += end


def _anonymize(clip: Path, folder: Path) -> list[str]:
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
    """Of runs of the same round, so that what slowed both down cancels out."""
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
