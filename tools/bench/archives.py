"""The speed of one job and of one for each core, over a folder of short clips and a long one."""

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


def archives(bench: Bench) -> Iterator[Figure]:
    """Anonymize the folder with one job, then with one for each core, once each."""
    folder, output = bench.folder / "archive", bench.folder / "archive-out"
    folder.mkdir()
    for number in range(SHORT_CLIPS):
        repeat(bench.clip, folder / f"{number:02}.mp4", 1 + number % 10)
    repeat(bench.clip, folder / "long.mp4", LONG_SECONDS)
    walls = []
    for jobs in dict.fromkeys((1, os.cpu_count() or 1)):
        command = [sys.executable, "-m", "anoncam", "anonymize", str(folder), "-o", str(output)]
        usage = measure([*command, "--jobs", str(jobs)], INSTALLED)
        walls.append(usage.wall)
        yield Figure(f"archive, {jobs} jobs: wall time", usage.wall, "s", "once")
        yield Figure(f"archive, {jobs} jobs: CPU time", usage.cpu, "s")
        yield Figure(f"archive, {jobs} jobs: peak memory", usage.peak / 1e6, "MB")
        for made in (output, output.with_name(f"{output.name}.anoncam")):
            shutil.rmtree(made)
    yield Figure("archive: one job / one for each core", walls[0] / walls[-1], "x", "wall time")


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
