"""Collects what was covered, frame by frame, to write it into a coverage file."""

from array import array
from collections.abc import Iterator
from graphlib import TopologicalSorter
from itertools import pairwise

from anoncam import __version__
from anoncam.anonymizer.anonymized_frame import AnonymizedFrame
from anoncam.config.schema import AnonymizerSettings
from anoncam.events.printable import printable
from anoncam.frames.boxes import Box
from anoncam.frames.frame import FrameFormat
from anoncam.review.document import (
    FARTHEST,
    FORMAT,
    MOST_REASON,
    VERSION,
    CoverageDocument,
    Footage,
    Margins,
    TrackEntry,
)
from anoncam.review.track_boxes import TrackBoxes, veiled_spans

TOO_FAR = "a box lies too far outside of the picture to be written down"


class CoverageLog:
    """What was covered in all frames of one file.

    >>> log = CoverageLog(settings)
    >>> log.add(anonymized_frame)
    >>> document = log.document(source.format, hash_file(path))
    """

    def __init__(self, settings: AnonymizerSettings) -> None:
        self._settings = settings
        self._times: array[int] = array("q")
        self._tracks: dict[str, TrackBoxes] = {}
        self._neighbours: dict[tuple[str, str], None] = {}
        self._veiled: list[tuple[int, str]] = []

    def add(self, frame: AnonymizedFrame) -> None:
        """Take in the next frame."""
        number, coverage = len(self._times), frame.coverage
        self._times.append(frame.timestamp)
        near = [cover for cover in coverage.boxes if _is_near(cover.box)]
        for cover in near:
            self._tracks.setdefault(cover.key, TrackBoxes()).add(number, cover)
        self._neighbours.update(dict.fromkeys(pairwise(cover.key for cover in near)))
        veil = coverage.veil or (TOO_FAR if len(near) < len(coverage.boxes) else "")
        if veil:
            self._veiled.append((number, printable(veil)[:MOST_REASON]))

    def document(self, picture: FrameFormat, sha256: str) -> CoverageDocument:
        """All of it, for the file of that hash."""
        return CoverageDocument(
            format=FORMAT,
            version=VERSION,
            anoncam=__version__,
            source=Footage(
                sha256=sha256,
                width=picture.width,
                height=picture.height,
                rotation=picture.rotation,  # type: ignore[arg-type]  # it is one of the four
                frames=len(self._times),
                times=tuple(self._times),
            ),
            margins=Margins.of(self._settings),
            zones=self._settings.zones,
            tracks=tuple(
                TrackEntry.of(name, self._tracks[name].score, tuple(self._tracks[name].spans()))
                for name in self._in_order()
            ),
            veiled=tuple(veiled_spans(self._veiled)),
        )

    def _in_order(self) -> Iterator[str]:
        """The tracks in the order that their boxes have in every frame: later ones lie above."""
        order = TopologicalSorter[str](dict.fromkeys(self._tracks, ()))
        for before, after in self._neighbours:
            order.add(after, before)
        return iter(order.static_order())


def _is_near(box: Box) -> bool:
    return all(-FARTHEST <= edge <= FARTHEST for edge in box)
