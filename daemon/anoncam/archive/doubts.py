"""The moments of a file that a person should look at: those of its least certain tracks."""

from dataclasses import dataclass

from anoncam.clock import NANOSECONDS
from anoncam.tracking.coverage import Coverage

MOST_DOUBTS = 10
"""Tracks that are listed."""


@dataclass(frozen=True)
class Doubt:
    """A track, its highest calibrated score, and when it is covered, in seconds of the footage."""

    track: str
    score: float
    begin: float
    end: float


class Doubts:
    """Collects the score of each track.

    >>> doubts = Doubts(start=0)
    >>> doubts.add(timestamp, coverage)
    >>> doubts.lowest()
    [Doubt(track='track 7', score=0.36, begin=12.4, end=13.1)]
    """

    def __init__(self, start: int) -> None:
        self._start = start
        self._tracks: dict[str, tuple[float, int, int]] = {}

    def add(self, timestamp: int, coverage: Coverage) -> None:
        """Take in what is covered in the next frame."""
        for cover in coverage.boxes:
            score, begin, _ = self._tracks.get(cover.key, (0.0, timestamp, timestamp))
            self._tracks[cover.key] = max(score, cover.score), begin, timestamp

    def lowest(self) -> list[Doubt]:
        """The tracks with the lowest scores, the most doubtful first."""
        tracks = sorted(self._tracks.items(), key=lambda each: each[1])[:MOST_DOUBTS]
        return [
            Doubt(key, round(score, 3), self._seconds(begin), self._seconds(end))
            for key, (score, begin, end) in tracks
        ]

    def _seconds(self, timestamp: int) -> float:
        return round((timestamp - self._start) / NANOSECONDS, 3)
