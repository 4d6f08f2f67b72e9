"""`anoncam anonymize` over one video, with a report of what it covers."""

import os
from functools import partial
from pathlib import Path

import click

from anoncam.anonymizer.anonymized_frame import AnonymizedFrame
from anoncam.anonymizer.anonymizer import Anonymizer
from anoncam.anonymizer.grid import lay_grid, widen
from anoncam.clock import Stop, SystemClock
from anoncam.config.load import load
from anoncam.config.schema import AnonymizerSettings, Config
from anoncam.detectors.process.detector_process import DetectorProcess
from anoncam.frames.frame import Frame, FrameFormat
from anoncam.pipeline.counters import Counters
from anoncam.pipeline.inference import InferenceStage
from anoncam.pipeline.transcode import Work, anonymize
from anoncam.sources.file import FileSource
from anoncam.tracking.coverage import Coverage
from tools.common.errors import errors_in_one_line
from tools.leakrate.labels import Rectangle
from tools.leakrate.reported_coverage import ReportedCoverage


class ReportingAnonymizer(Anonymizer):
    """An anonymizer that records what it covers."""

    def __init__(self, settings: AnonymizerSettings) -> None:
        super().__init__(settings)
        self.covered: list[list[Rectangle]] = []
        self._margins = settings

    def apply(self, frame: Frame, coverage: Coverage) -> AnonymizedFrame:
        """Cover the frame, and record the coverage."""
        self.covered.append(painted(coverage, self._margins, frame.format))
        return super().apply(frame, coverage)


def painted(
    coverage: Coverage, settings: AnonymizerSettings, picture: FrameFormat
) -> list[Rectangle]:
    """The rectangles that the grids of squares fill."""
    if coverage.veil:
        return [(0.0, 0.0, float(picture.width), float(picture.height))]
    widened = (widen(cover.box, settings, picture.rotation) for cover in coverage.boxes)
    grids = (lay_grid(box, settings.rows, picture) for box in widened)
    return [
        (
            grid.x_edges[0],
            grid.y_edges[0],
            grid.x_edges[-1] - grid.x_edges[0],
            grid.y_edges[-1] - grid.y_edges[0],
        )
        for grid in grids
        if grid is not None
    ]


def cover(clip: Path, output: Path, config: Config) -> ReportedCoverage:
    """Write `clip` with covered faces to `output`, as the command does.

    Raises:
        AnoncamError: it failed.
    """
    counts, clock, stop = Counters(), SystemClock(), Stop()
    make = partial(DetectorProcess, config.detector, config.coverage.least_score)
    anonymizer = ReportingAnonymizer(config.anonymizer)
    inference = InferenceStage(make, counters=counts, max_failures=3)
    work = Work(config, anonymizer, inference, counts, clock, stop, keep_audio=False, force=True)
    inference.start()
    try:
        with FileSource(clip, paced=False, loop=False, clock=clock, stop=stop) as source:
            anonymize(source, output, work, lambda _frames: None)
    finally:
        inference.close()
    return ReportedCoverage(ellipses=False, frames=anonymizer.covered)


@click.command(
    epilog="Example:  python -m tools.leakrate.run_anoncam clip.mp4 safe.mp4 --covered covered.json"
)
@click.argument("clip", type=click.Path(path_type=Path))
@click.argument("output", type=click.Path(path_type=Path))
@click.option(
    "--covered", required=True, type=click.Path(path_type=Path), help="JSON file of the report."
)
@click.option(
    "--config", "config_file", type=click.Path(path_type=Path), help="Settings of anoncam."
)
def main(clip: Path, output: Path, covered: Path, config_file: Path | None) -> None:
    """Cover the faces of CLIP, and report what was covered in a JSON file."""
    with errors_in_one_line():
        cover(clip, output, load(config_file, os.environ)).write(covered)


if __name__ == "__main__":
    main()
