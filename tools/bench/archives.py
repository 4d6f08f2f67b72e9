"""The speed of one core, of one job and of a job for each core, over short clips and a long one."""

import os
import shutil
import sys
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import av
from av.video.stream import VideoStream

from tools.bench.commands import INSTALLED
from tools.bench.figures import Bench, Figure
from tools.common.processes import measure

SHORT_CLIPS = 20
LONG_SECONDS = 600
ON_ONE_CORE = ("taskset", "--cpu-list", "0")


def archives(bench: Bench) -> Iterator[Figure]:
    """Anonymize the folder with one core, with one job on all cores, and with a job for each core.

    Each is run once. One job has a process or thread each for its decoder, detector, squares and
    encoder, so it uses more than one core where it may.
    """
    folder, output = bench.folder / "archive", bench.folder / "archive-out"
    folder.mkdir()
    for number in range(SHORT_CLIPS):
        repeat(bench.clip, folder / f"{number:02}.mp4", 1 + number % 10)
    repeat(bench.clip, folder / "long.mp4", LONG_SECONDS)
    cores = len(os.sched_getaffinity(0))
    ways: dict[str, list[str]] = {
        "one job on one core": [*ON_ONE_CORE, *anonymize(folder, output, 1)],
        f"one job on {cores} cores": anonymize(folder, output, 1),
        f"{cores} jobs on {cores} cores": anonymize(folder, output, cores),
    }
    walls = {}
    for way, command in ways.items():
        usage = measure(command, INSTALLED, watch_memory=False)
        walls[way] = usage.wall
        yield Figure(f"archive, {way}: wall time", usage.wall, "s", "once")
        yield Figure(f"archive, {way}: CPU time", usage.cpu, "s", "once")
        for made in (output, output.with_name(f"{output.name}.anoncam")):
            shutil.rmtree(made)
    *fewer, all_jobs = ways
    for way in fewer:
        ratio = walls[way] / walls[all_jobs]
        yield Figure(f"archive: {way} / {all_jobs}", ratio, "x", "wall time, once")


def anonymize(folder: Path, output: Path, jobs: int) -> list[str]:
    """The command that anonymizes `folder` into `output` with so many jobs."""
    program = [sys.executable, "-m", "anoncam", "anonymize", str(folder), "-o", str(output)]
    return [*program, "--jobs", str(jobs)]


def repeat(clip: Path, target: Path, seconds: float) -> None:
    """Write the pictures of `clip` over and over, without encoding them, for `seconds`."""
    with av.open(str(target), "w") as container:
        stream, begin, end = None, 0, 0
        while stream is None or (end > begin and end * _unit(stream) < seconds):
            begin = end
            with av.open(str(clip)) as source:
                footage = source.streams.video[0]
                if stream is None:
                    stream = container.add_stream_from_template(footage)
                    stream.time_base = footage.time_base
                for packet in source.demux(footage):
                    if packet.dts is None or packet.pts is None or not packet.size:
                        continue
                    packet.pts, packet.dts = packet.pts + begin, packet.dts + begin
                    if packet.pts * _unit(footage) < seconds:
                        end = max(end, packet.pts + (packet.duration or 1))
                        packet.stream = stream
                        container.mux(packet)


def _unit(stream: VideoStream) -> Fraction:
    assert stream.time_base is not None
    return stream.time_base
