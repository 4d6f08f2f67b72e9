"""Looks through footage as it is covered, and takes thumbnails of each track.

Only the anonymizer's frames come here: the raw picture has no way to a sheet.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from anoncam.anonymizer.anonymized_frame import AnonymizedFrame
from anoncam.anonymizer.anonymizer import Anonymizer
from anoncam.clock import Stop, SystemClock
from anoncam.config.schema import Config
from anoncam.errors import StoppedError
from anoncam.frames.boxes import Box
from anoncam.pipeline.counters import Counters
from anoncam.pipeline.pipeline import Pipeline
from anoncam.review.document import CoverageDocument, TrackEntry
from anoncam.review.given_coverage import GivenCoverage, box_in, settings_with
from anoncam.sources.source import Source

SIDE = 112
"""Width and height of a thumbnail, in pixels."""

EACH = 4
"""Thumbnails of one track: its first and its last frame, and others evenly between them."""

MOST = 400
"""Tracks that are looked at: those of most doubt."""

_AROUND = 0.75
"""How much of its surroundings a thumbnail shows on each side, in sizes of the box."""

Thumbnail = NDArray[np.uint8]
"""RGB of shape (`SIDE`, `SIDE`, 3), upright."""


@dataclass
class Look:
    """A track with its thumbnails, in the order of time."""

    track: TrackEntry
    thumbnails: list[Thumbnail] = field(default_factory=list)


def by_doubt(document: CoverageDocument) -> list[TrackEntry]:
    """The tracks, those first whose score is lowest; of equal ones the shortest first."""
    return sorted(document.tracks, key=lambda track: (track.score, track.last - track.first))


def look_through(
    document: CoverageDocument, source: Source, stop: Stop, show: Callable[[int], None]
) -> list[Look]:
    """The tracks of most doubt, each with thumbnails of the anonymized picture.

    `source` is the footage of the document. `show` gets the number of frames done.

    Raises:
        InputError: the source broke off.
        StoppedError: the stop was requested.
    """
    looks = [Look(track) for track in by_doubt(document)[:MOST]]
    settings = settings_with(document, Config().anonymizer)
    recorder = _Looking(document, looks, show)
    pipeline = Pipeline(
        source,
        recorder,
        Anonymizer(settings),
        None,
        Config(anonymizer=settings),
        Counters(),
        SystemClock(),
        stop,
        GivenCoverage(document).instead,
    )
    pipeline.run()
    if stop.requested:
        raise StoppedError("stopped; no sheet was written")
    return looks


def take_thumbnail(frame: AnonymizedFrame, box: Box) -> Thumbnail:
    """A thumbnail of `box` and its surroundings, as they are in the anonymized frame."""
    video = frame.video_frame()
    video.color_range = frame.format.color_range
    width, height = frame.format.width, frame.format.height
    half = max(box[2] - box[0], box[3] - box[1], 1.0) * (0.5 + _AROUND)
    across, down = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
    columns = np.linspace(across - half, across + half, SIDE).clip(0, width - 1).astype(int)
    rows = np.linspace(down - half, down + half, SIDE).clip(0, height - 1).astype(int)
    part = video.to_ndarray(format="rgb24")[np.ix_(rows, columns)].astype(np.uint8, copy=False)
    return np.ascontiguousarray(np.rot90(part, -frame.format.rotation // 90))


class _Looking:
    """A recorder that keeps nothing but thumbnails."""

    def __init__(
        self, document: CoverageDocument, looks: list[Look], show: Callable[[int], None]
    ) -> None:
        self._show = show
        self._frames = 0
        self._wanted: dict[int, list[tuple[Look, Box]]] = {}
        for look in looks:
            for number, box in _chosen(look.track):
                timestamp = document.source.times[number]
                self._wanted.setdefault(timestamp, []).append((look, box))

    def write(self, frame: AnonymizedFrame) -> None:
        for look, box in self._wanted.get(frame.timestamp, ()):
            look.thumbnails.append(take_thumbnail(frame, box))
        self._frames += 1
        self._show(self._frames)

    def finish(self) -> None:
        pass


def _chosen(track: TrackEntry) -> list[tuple[int, Box]]:
    """Some frames of the track, evenly over those that it covers, each with its box."""
    lengths = [span.last - span.first + 1 for span in track.spans]
    ends = np.cumsum(lengths)
    chosen = []
    for place in sorted(set(np.linspace(0, int(ends[-1]) - 1, EACH).astype(int).tolist())):
        which = int(np.searchsorted(ends, place, side="right"))
        span = track.spans[which]
        number = span.first + place - int(ends[which] - lengths[which])
        chosen.append((number, box_in(span, number)))
    return chosen
