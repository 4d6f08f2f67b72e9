"""How many labelled faces are covered: `python -m tools.coverage CLIP.mp4 …`, with the labels in
CLIP.json.
"""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from math import ceil
from pathlib import Path
from threading import Thread

import click
import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from anoncam.anonymizer.grid import widen
from anoncam.clock import Stop, SystemClock
from anoncam.config.load import load
from anoncam.config.schema import Config
from anoncam.detectors.detector import Detector
from anoncam.detectors.process.detector_process import DetectorProcess
from anoncam.frames.frame import FrameFormat
from anoncam.frames.pool import FramePool
from anoncam.pipeline.capture import capture
from anoncam.pipeline.counters import Counters
from anoncam.pipeline.inference import InferenceStage
from anoncam.pipeline.pipeline import pool_size
from anoncam.pipeline.window import Window
from anoncam.sources.file import FileSource
from anoncam.tracking.coverage import Coverage

LEAST_PART = 0.9
"""A face counts as covered when this part of its labelled box lies inside the coverage."""


@dataclass(frozen=True)
class Result:
    """Counters over the frames of one clip; `area` is the covered part of all its pixels."""

    clip: str
    frames: int
    faces: int
    covered: int
    veiled: int
    area: float


@click.command(epilog="Example:  python -m tools.coverage footage.mp4 --config config.yaml")
@click.argument(
    "clips", nargs=-1, required=True, type=click.Path(path_type=Path, exists=True, dir_okay=False)
)
@click.option(
    "--config",
    "config_file",
    type=click.Path(path_type=Path, exists=True),
    help="Default: the defaults.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the figures as JSON.")
def main(clips: tuple[Path, ...], config_file: Path | None, as_json: bool) -> None:
    """Count the labelled faces that the pipeline covers in each clip, and the area it covers."""
    config = load(config_file, {})
    results = [measure(clip, config) for clip in tqdm(clips, unit="clip", disable=None)]
    if as_json:
        click.echo(json.dumps([vars(result) for result in results], indent=2))
        return
    for result in results:
        part = f"{result.covered / result.faces:7.2%}" if result.faces else "      -"
        click.echo(
            f"{result.clip:45} {result.covered:5} of {result.faces:5} face-frames {part}"
            f"   {result.area:6.2%} of the area   {result.veiled} of {result.frames} frames veiled"
        )
    faces = sum(result.faces for result in results)
    if faces:
        covered = sum(result.covered for result in results)
        click.echo(f"{'all':45} {covered:5} of {faces:5} face-frames {covered / faces:7.2%}")


def measure(clip: Path, config: Config) -> Result:
    """Run the pipeline over `clip` up to the anonymizer, and compare the coverage with the labels
    in its JSON.
    """
    labels = json.loads(clip.with_suffix(".json").read_text())["frames"]
    faces = covered = veiled = frames = 0
    area = 0.0
    for frame_format, coverage in coverages(clip, config):
        mask = _mask(frame_format, coverage, config)
        for label in labels[frames]:
            faces += 1
            covered += bool(_part_inside(mask, label["bbox"]) >= LEAST_PART)
        area += float(mask.mean())
        veiled += bool(coverage.veil)
        frames += 1
    return Result(clip.name, frames, faces, covered, veiled, area / max(1, frames))


def coverages(
    clip: Path, config: Config, make: Callable[[], Detector] | None = None
) -> Iterator[tuple[FrameFormat, Coverage]]:
    """What is covered in each frame of `clip`, by the real pipeline up to the anonymizer.

    `make` starts the detector: the configured one in its process, where nothing else is said.

    Raises:
        DetectorError: the detector failed.
    """
    clock, stop, counts = SystemClock(), Stop(), Counters()
    with FileSource(clip, paced=False, loop=False, clock=clock, stop=stop) as source:
        pool = FramePool(source.format, pool_size(source.format, config, live=False))
        window = Window(config, live=False, clock=clock)
        make = make or partial(DetectorProcess, config.detector, config.coverage.least_score)
        inference = InferenceStage(make, counters=counts, max_failures=3)
        inference.start()
        inference.attach(window)

        def fill() -> None:
            try:
                capture(source, pool, window, counts, clock, stop)
            finally:
                window.end()

        capturing = Thread(target=fill, name="capture")
        capturing.start()
        while (ready := window.next_ready()) is not None:
            frame, coverage = ready
            pool.release(frame)
            yield source.format, coverage
        capturing.join()
        inference.close()
        if inference.failure is not None:
            raise inference.failure


def _mask(frame_format: FrameFormat, coverage: Coverage, config: Config) -> NDArray[np.bool_]:
    """The covered samples of the luma plane."""
    mask = np.full((frame_format.height, frame_format.width), bool(coverage.veil))
    for cover in coverage.boxes:
        left, top, right, bottom = widen(cover.box, config.anonymizer, frame_format.rotation)
        mask[max(0, int(top)) : max(0, ceil(bottom)), max(0, int(left)) : max(0, ceil(right))] = (
            True
        )
    return mask


def _part_inside(mask: NDArray[np.bool_], box: list[float]) -> float:
    left, top, width, height = box
    inside = mask[max(0, int(top)) : ceil(top + height), max(0, int(left)) : ceil(left + width)]
    return float(inside.mean()) if inside.size else 1.0


if __name__ == "__main__":
    main()
