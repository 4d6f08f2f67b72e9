"""The boxes of one track in memory, as compactly as can be, and the spans that hold them."""

from array import array
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import groupby

from anoncam.frames.boxes import Box
from anoncam.review.document import Key, Span, VeiledSpan
from anoncam.tracking.coverage import CoverBox, Reason

_REASONS = tuple(Reason)


@dataclass
class TrackBoxes:
    """The boxes of one track: four of `edges` for each of `frames`."""

    score: float = 0.0
    frames: "array[int]" = field(default_factory=lambda: array("q"))
    edges: "array[float]" = field(default_factory=lambda: array("d"))
    reasons: bytearray = field(default_factory=bytearray)

    def add(self, frame: int, cover: CoverBox) -> None:
        """Add a box of a later frame."""
        self.score = max(self.score, min(1.0, cover.score))
        self.frames.append(frame)
        self.edges.extend(cover.box)
        self.reasons.append(_REASONS.index(cover.reason))

    def spans(self) -> Iterator[Span]:
        """The spans that hold all boxes exactly."""
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


def veiled_spans(veiled: Iterable[tuple[int, str]]) -> Iterator[VeiledSpan]:
    """The spans of veiled frames, each of which has its number and reason, in order."""
    rows = groupby(enumerate(veiled), key=lambda row: (row[1][0] - row[0], row[1][1]))
    for (_, reason), members in rows:
        numbers = [number for _, (number, _) in members]
        yield VeiledSpan(first=numbers[0], last=numbers[-1], reason=reason)


def _without_repetitions(keys: list[Key]) -> Iterator[Key]:
    """The keys without those between two equal ones: they follow from these."""
    for place, key in enumerate(keys):
        around = keys[max(0, place - 1) : place + 2]
        if len(around) < 3 or any(other[1:] != key[1:] for other in around):
            yield key
