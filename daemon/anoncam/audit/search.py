"""The search of one file: pictures at an interval, each shown to the detector in several views."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from anoncam.audit.findings import Candidate, Finding, FindingMerger
from anoncam.audit.sheet import take_thumbnail
from anoncam.audit.squares import are_squares
from anoncam.audit.views import View, cut, lay_out_views, put_together
from anoncam.clock import NANOSECONDS, Stop, SystemClock
from anoncam.config.schema import FilesSettings
from anoncam.detectors.detector import Detections, Detector
from anoncam.errors import DetectorError
from anoncam.frames.frame import Frame
from anoncam.frames.pool import FramePool
from anoncam.sources.file import FileSource

_LONGEST_PAUSE = 2.5
"""Intervals without a candidate over which a face still counts as the same."""


@dataclass(frozen=True)
class Search:
    """How to search.

    `every` is the interval between pictures in seconds (0: each picture), `threshold` the least
    score of a candidate (0 to 1), and `timeout` how many seconds the detector may take for one
    view. `limits` are those of a file.
    """

    detector: Detector
    every: float
    threshold: float
    timeout: float
    limits: FilesSettings


@dataclass(frozen=True)
class Searched:
    """The result of searching one file.

    `frames` is how many pictures it holds, and `inferred` how many the detector was shown.
    `squares` counts candidates that are squares over a face: they are left out of the findings.
    """

    file: Path
    frames: int
    inferred: int
    squares: int
    findings: list[Finding]


def search(
    file: Path,
    how: Search,
    stop: Stop,
    show: Callable[[int], None],
    *,
    label: Path | None = None,
    stream: int | None = None,
) -> Searched:
    """Search a video or a picture for faces, until its end or until `stop` is requested.

    `show` is called with the number of frames done. `label` is what the file is called in results.
    `stream` is the number of the stream to search, instead of that with the footage.

    Raises:
        InputError: the file cannot be read to its end.
        DetectorError: the detector gives no result.
    """
    frames = inferred = squares = 0
    due: int | None = None
    with FileSource(
        file,
        paced=False,
        loop=False,
        clock=SystemClock(),
        stop=stop,
        stream=stream,
        whole=True,
        limits=how.limits,
    ) as source:
        views = lay_out_views(source.format.width, source.format.height)
        frame = FramePool(source.format, 1).acquire()
        assert frame is not None  # noqa: S101 - the pool was made with one
        merger = FindingMerger(label or file, _LONGEST_PAUSE * how.every)
        while (capture := source.read()) is not None:
            if due is None or capture.time.arrival >= due:
                capture.copy_into(frame)
                due = capture.time.arrival + round(how.every * NANOSECONDS)
                at = (capture.time.arrival - source.start) / NANOSECONDS
                candidates, covered = _find_candidates(frame, views, how, at)
                merger.add(at, candidates)
                squares += covered
                inferred += 1
            capture.close()
            frames += 1
            show(frames)
    return Searched(label or file, frames, inferred, squares, merger.findings())


def _find_candidates(
    frame: Frame, views: list[View], how: Search, at: float
) -> tuple[list[Candidate], int]:
    """The candidates in one picture, and how many detections were squares."""
    found = put_together(_detect(frame, views, how), frame.format)
    candidates: list[Candidate] = []
    squares = 0
    for x, y, width, height, score in found[found[:, 4] >= how.threshold].tolist():
        box = (x, y, x + width, y + height)
        if are_squares(frame.luma, box):
            squares += 1
        else:
            candidates.append(Candidate(at, score, box, take_thumbnail(frame, box)))
    return candidates, squares


def _detect(frame: Frame, views: list[View], how: Search) -> Iterator[tuple[View, Detections]]:
    for view in views:
        how.detector.submit(cut(frame, view), frame.timestamp)
        result = how.detector.collect(how.timeout)
        if result is None:
            raise DetectorError("the detector gives no result")
        yield view, np.asarray(result.detections)
