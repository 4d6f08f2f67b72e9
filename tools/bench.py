"""``make bench``: what anoncam costs, side by side with a plain transcoding and with the deface package."""

import json
import os
import platform
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from importlib import metadata, util
from pathlib import Path

import av
import click
import numpy as np
from tqdm import tqdm

from anoncam.anonymizer.anonymizer import Anonymizer
from anoncam.config.schema import AnonymizerSettings, Config
from anoncam.coverage import Coverage, CoverBox
from anoncam.frame import tight
from anoncam.pool import FramePool
from tools import coverage
from tools.footage import make_footage
from tools.processes import CommandError, Usage, measure

CLIPS = Path(os.environ.get("ANONCAM_SHARED", "../shared")) / "data" / "clips"
SPEED_CLIP = "four-scenes-1080p30.mp4"


@dataclass(frozen=True)
class Figure:
    """One measured number; `note` says what it is the median of, or why it is missing (`value` is None)."""

    name: str
    value: float | None
    unit: str
    note: str = ""


@dataclass(frozen=True)
class Bench:
    """What all measurements share."""

    clip: Path
    folder: Path
    runs: int


_FLOOR = ("-c:v", "libx264", "-preset", "ultrafast", "-f", "null", "-")

Measurement = Callable[[Bench], Iterator[Figure]]


def commands(bench: Bench) -> Iterator[Figure]:
    """Wall time, CPU time and peak memory of each tool over the same clip, and their ratio to the floor."""
    python, clip = sys.executable, str(bench.clip)
    tools = {
        "transcoding, PyAV": [python, "-m", "tools.floor", clip],
        "transcoding, ffmpeg": ["ffmpeg", "-v", "error", "-i", clip, *_FLOOR],
        "anoncam anonymize": _anonymize(bench.clip, bench.folder),
        "deface": [python, "-m", "deface.deface", clip, "--output", str(bench.folder / "defaced.mp4")],
    }
    missing = {}
    if shutil.which("ffmpeg") is None:
        missing["transcoding, ffmpeg"] = "no ffmpeg on PATH"
    if util.find_spec("deface") is None:
        missing["deface"] = "not installed (make bench installs it)"
    usages: dict[str, Usage] = {}
    for name, command in tools.items():
        if name in missing:
            yield Figure(f"{name}: wall time", None, "s", missing[name])
            continue
        try:
            usages[name] = _median([measure(command) for _ in _progress(bench.runs, name)])
        except CommandError as error:
            yield Figure(f"{name}: wall time", None, "s", str(error))
            continue
        yield from _costs(name, usages[name], bench.runs)
    yield from _ratios(usages)


def passes(bench: Bench) -> Iterator[Figure]:
    """Peak memory over the clip once, and over the clip ten times in a row: it should be the same."""
    long = bench.folder / f"ten-times{bench.clip.suffix}"
    repeat(bench.clip, long, 10)
    for name, clip in (("1 pass", bench.clip), ("10 passes", long)):
        try:
            usage = measure(_anonymize(clip, bench.folder))
        except CommandError as error:
            yield Figure(f"anoncam anonymize, {name}: peak memory", None, "MB", str(error))
        else:
            yield Figure(f"anoncam anonymize, {name}: peak memory", usage.peak / 1e6, "MB")


def repeat(clip: Path, output: Path, times: int) -> None:
    """Write the video of `clip` `times` over to `output`, as one video, without encoding it again."""
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
                    packet.pts, packet.dts, packet.stream = packet.pts + offset, packet.dts + offset, stream
                    written.mux(packet)
                offset += end


def blurring(bench: Bench) -> Iterator[Figure]:
    """Ten faces of 200x250 pixels in a frame of 1920x1080, in place."""
    pool = FramePool(tight(1920, 1080), 1)
    frame = pool.acquire()
    assert frame is not None
    frame.buffer[:] = np.random.default_rng(0).integers(16, 236, frame.buffer.shape, np.uint8)
    corners = [(80 + 370 * column, 120 + 480 * row) for row in range(2) for column in range(5)]
    boxes = tuple(
        CoverBox((float(x), float(y), float(x + 200), float(y + 250)), f"track {number}")
        for number, (x, y) in enumerate(corners)
    )
    anonymizer = Anonymizer(AnonymizerSettings())
    times = []
    for _ in _progress(100 * bench.runs, "blurring"):
        began = time.perf_counter()
        anonymizer.apply(frame, Coverage(boxes))
        times.append(1000 * (time.perf_counter() - began))
    yield Figure("ten faces of 200x250 in 1080p", statistics.median(times), "ms", f"median of {len(times)}")


def covered(_: Bench) -> Iterator[Figure]:
    """The labelled face-frames that are covered in the shared clips, and the area that is."""
    clips = sorted(CLIPS.glob("*.mp4"))
    if not clips:
        yield Figure("labelled face-frames covered", None, "%", f"no clips in {CLIPS}")
    config = Config()
    results = [coverage.measure(clip, config) for clip in tqdm(clips, "coverage", unit="clip", leave=False)]
    for result in results:
        if result.faces:
            note = f"{result.covered} of {result.faces}"
            yield Figure(f"{result.clip}: face-frames covered", 100 * result.covered / result.faces, "%", note)
        yield Figure(f"{result.clip}: area covered", 100 * result.area, "%")
    faces = sum(result.faces for result in results)
    if faces:
        note = f"of {faces}"
        yield Figure("all: face-frames covered", 100 * sum(each.covered for each in results) / faces, "%", note)


MEASUREMENTS: tuple[Measurement, ...] = (commands, passes, blurring, covered)


@click.command(epilog="Example:  python -m tools.bench --runs 5 --only commands")
@click.option("--runs", type=click.IntRange(1), default=3, show_default=True, help="Medians are over so many runs.")
@click.option("--clip", type=click.Path(path_type=Path, exists=True, dir_okay=False), help="The video to run over.")
@click.option("--only", type=click.Choice([each.__name__ for each in MEASUREMENTS]), help="One measurement alone.")
@click.option("--json", "as_json", is_flag=True, help="Print the figures as JSON.")
def main(runs: int, clip: Path | None, only: str | None, as_json: bool) -> None:
    """Measure what anoncam costs and covers; the clip is a shared one, or made here where there is none."""
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(clip or _clip(Path(folder)), Path(folder), runs)
        if not as_json:
            click.echo(f"{bench.clip.name}, medians of {runs} runs, on {platform.machine()}, {os.cpu_count()} cores")
        figures = []
        for take in MEASUREMENTS:
            for figure in take(bench) if only in (None, take.__name__) else ():
                figures.append(figure)
                if not as_json:
                    click.echo(_line(figure))
    if as_json:
        click.echo(json.dumps([asdict(figure) for figure in figures], indent=2))


def _anonymize(clip: Path, folder: Path) -> list[str]:
    output = str(folder / "anonymized.mp4")
    return [sys.executable, "-m", "anoncam", "anonymize", "--force", str(clip), "-o", output]


def _clip(folder: Path) -> Path:
    shared = CLIPS / SPEED_CLIP
    if shared.exists():
        return shared
    path = folder / "generated-1080p30.mp4"
    make_footage(path, width=1920, height=1080, seconds=10)
    return path


def _median(usages: list[Usage]) -> Usage:
    return Usage(
        wall=statistics.median(usage.wall for usage in usages),
        cpu=statistics.median(usage.cpu for usage in usages),
        peak=round(statistics.median(usage.peak for usage in usages)),
        shared_once=all(usage.shared_once for usage in usages),
    )


def _costs(name: str, usage: Usage, runs: int) -> Iterator[Figure]:
    how = "all processes, shared memory once" if usage.shared_once else "all processes, shared memory in each"
    version = f", version {metadata.version(name)}" if name == "deface" else ""
    yield Figure(f"{name}: wall time", usage.wall, "s", f"median of {runs}{version}")
    yield Figure(f"{name}: CPU time", usage.cpu, "s")
    yield Figure(f"{name}: peak memory", usage.peak / 1e6, "MB", how)


def _ratios(usages: dict[str, Usage]) -> Iterator[Figure]:
    floors = [name for name in usages if name.startswith("transcoding")]
    for name, usage in usages.items():
        for floor in floors:
            if name not in floors:
                yield Figure(f"{name} / {floor}", usage.wall / usages[floor].wall, "x", "wall time")


def _progress(count: int, name: str) -> "tqdm[int]":
    return tqdm(range(count), name, leave=False, disable=None)


def _line(figure: Figure) -> str:
    value = "-" if figure.value is None else f"{figure.value:.2f}"
    return f"  {figure.name:<55} {value:>9} {figure.unit:<3} {figure.note}"


if __name__ == "__main__":
    main()
