"""Collects what was covered, frame by frame, to write it into a coverage file."""

from array import array
from collections.abc import Iterator
from dataclasses import dataclass, field
from graphlib import TopologicalSorter
from itertools import groupby, pairwise

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
    Key,
    Margins,
    Span,
    TrackEntry,
    VeiledSpan,
)
from anoncam.tracking.coverage import CoverBox, Reason

TOO_FAR = "a box lies too far outside of the picture to be written down"
_REASONS = tuple(Reason)


@dataclass
class _Boxes:
    """The boxes of one track, as compactly as can be: four of `edges` for each of `frames`."""

    score: float = 0.0
    frames: "array[int]" = field(default_factory=lambda: array("q"))
    edges: "array[float]" = field(default_factory=lambda: array("d"))
    reasons: bytearray = field(default_factory=bytearray)

    def add(self, frame: int, cover: CoverBox) -> None:
        self.score = max(self.score, min(1.0, cover.score))
        self.frames.append(frame)
        self.edges.extend(cover.box)
        self.reasons.append(_REASONS.index(cover.reason))

    def spans(self) -> Iterator[Span]:
        # Frames of one span that follow each other without a gap have the same difference.
        rows = groupby(
            enumerate(self.frames), key=lambda row: (row[1] - row[0], self.reasons[row[0]])
        )
        for (_, reason), members in rows:
            keys = [(frame, *self._box(place)) for place, frame in members]
            yield Span(reason=_REASONS[reason], keys=tuple(_without_repetitions(keys)))

    def _box(self, place: int) -> Box:
        left, top, right, bottom = self.edges[4 * place : 4 * place + 4]
        return left, top, right, bottom


class CoverageLog:
    """What was covered in all frames of one file.

    >>> log = CoverageLog(settings)
    >>> log.add(anonymized_frame)
    >>> document = log.document(source.format, hash_file(path))
    """

    def __init__(self, settings: AnonymizerSettings) -> None:
        self._settings = settings
        self._times: array[int] = array("q")
        self._tracks: dict[str, _Boxes] = {}
        self._neighbours: dict[tuple[str, str], None] = {}
        self._veiled: list[tuple[int, str]] = []

    def add(self, frame: AnonymizedFrame) -> None:
        """Take in the next frame."""
        number, coverage = len(self._times), frame.coverage
        self._times.append(frame.timestamp)
        near = [cover for cover in coverage.boxes if _is_near(cover.box)]
        for cover in near:
            self._tracks.setdefault(cover.key, _Boxes()).add(number, cover)
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
            veiled=tuple(_veiled_spans(self._veiled)),
        )

    def _in_order(self) -> Iterator[str]:
        """The tracks in the order that their boxes have in every frame: later ones lie above."""
        order = TopologicalSorter[str](dict.fromkeys(self._tracks, ()))
        for before, after in self._neighbours:
            order.add(after, before)
        return iter(order.static_order())


def _is_near(box: Box) -> bool:
    return all(-FARTHEST <= edge <= FARTHEST for edge in box)


def _without_repetitions(keys: list[Key]) -> Iterator[Key]:
    """The keys without those between two equal ones: they follow from these."""
    for place, key in enumerate(keys):
        around = keys[max(0, place - 1) : place + 2]
        if len(around) < 3 or any(other[1:] != key[1:] for other in around):
            yield key


def _veiled_spans(veiled: list[tuple[int, str]]) -> Iterator[VeiledSpan]:
    rows = groupby(enumerate(veiled), key=lambda row: (row[1][0] - row[0], row[1][1]))
    for (_, reason), members in rows:
        numbers = [number for _, (number, _) in members]
        yield VeiledSpan(first=numbers[0], last=numbers[-1], reason=reason)
