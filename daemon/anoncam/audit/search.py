"""Searches one file: every so often a picture, each in several views."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from anoncam.audit.finding import Finding
from anoncam.audit.findings import Candidate, FindingMerger
from anoncam.audit.sheet import take_thumbnail
from anoncam.audit.squares import are_squares
from anoncam.audit.views import View, cut, lay_out_views, put_together
from anoncam.clock import NANOSECONDS, Stop, SystemClock
from anoncam.detectors.detector import Detections, Detector
from anoncam.errors import DetectorError
from anoncam.frames.frame import Frame
from anoncam.frames.pool import FramePool
from anoncam.sources.file import FileSource

_PATIENCE = 2.5
"""Intervals for which a face may be unseen and is still the same."""


@dataclass(frozen=True)
class Search:
    """How thoroughly to look: a picture `every` so many seconds, and what scores `threshold` (0 to
    1) or more.

    `timeout` is how many seconds the detector may take for one view.
    """

    detector: Detector
    every: float
    threshold: float
    timeout: float


@dataclass(frozen=True)
class Searched:
    """What came of one file: how many pictures were examined, of how many.

    `squares` is how often something in them was taken for a face that squares cover, so that it is
    no finding.
    """

    file: Path
    frames: int
    inferred: int
    squares: int
    findings: list[Finding]


def search(file: Path, how: Search, stop: Stop, show: Callable[[int], None]) -> Searched:
    """Look for faces in a video or a picture; `show` is told the frames done. It ends early when
    `stop` is requested.

    Raises:
        InputError: the file cannot be read to its end.
        DetectorError: the detector does not answer.
    """
    frames = examined = squares = 0
    due: int | None = None
    with FileSource(file, paced=False, loop=False, clock=SystemClock(), stop=stop) as source:
        views = lay_out_views(source.format.width, source.format.height)
        frame = FramePool(source.format, 1).acquire()
        assert frame is not None  # noqa: S101 - the pool was made with one
        gathering = FindingMerger(file, _PATIENCE * how.every)
        while (taken := source.read()) is not None:
            if due is None or taken.time.arrival >= due:
                taken.copy_into(frame)
                due = taken.time.arrival + round(how.every * NANOSECONDS)
                at = (taken.time.arrival - source.start) / NANOSECONDS
                sightings, covered = _look(frame, views, how, at)
                gathering.add(at, sightings)
                squares += covered
                examined += 1
            taken.close()
            frames += 1
            show(frames)
    return Searched(file, frames, examined, squares, gathering.findings())


def _look(frame: Frame, views: list[View], how: Search, at: float) -> tuple[list[Candidate], int]:
    """What looks like a face, and how many squares did."""
    found = put_together(_detect(frame, views, how), frame.format)
    sightings: list[Candidate] = []
    squares = 0
    for x, y, width, height, score in found[found[:, 4] >= how.threshold].tolist():
        box = (x, y, x + width, y + height)
        if are_squares(frame.luma, box):
            squares += 1
        else:
            sightings.append(Candidate(at, score, box, take_thumbnail(frame, box)))
    return sightings, squares


def _detect(frame: Frame, views: list[View], how: Search) -> Iterator[tuple[View, Detections]]:
    for view in views:
        how.detector.submit(cut(frame, view), frame.timestamp)
        answer = how.detector.collect(how.timeout)
        if answer is None:
            raise DetectorError("the detector does not answer")
        yield view, np.asarray(answer.detections)
