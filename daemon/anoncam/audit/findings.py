"""Findings: what looks like a face, joined from single pictures to one face over time."""

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from anoncam.frames.boxes import Box, overlaps

LEAST_OVERLAP = 0.2
"""Intersection over union from which two candidates, one after the other, are of one face."""

Thumbnail = NDArray[np.uint8]
"""RGB of shape (side, side, 3)."""


@dataclass(frozen=True)
class Candidate:
    """What looks like a face in one picture.

    `at` is in seconds from the file's first picture, `score` from 0 to 1, and `box` in pixels of
    the stored picture.
    """

    at: float
    score: float
    box: Box
    thumbnail: Thumbnail


@dataclass(frozen=True)
class Finding:
    """What looks like one face over time.

    `first` and `last` are the times of its first and last candidate, in seconds from the file's
    first picture; `candidates` is how many there are. `score` (0 to 1), `at` (seconds), `box`
    (pixels of the stored picture) and `thumbnail` are those of the candidate with the highest
    score.
    """

    file: Path
    first: float
    last: float
    candidates: int
    score: float
    at: float
    box: Box
    thumbnail: Thumbnail


class FindingMerger:
    """Joins the candidates of one file to findings, picture by picture.

    A face without a candidate for more than `longest_pause` seconds is another finding afterwards.
    """

    def __init__(self, file: Path, longest_pause: float) -> None:
        self._file = file
        self._longest_pause = longest_pause
        self._over: list[Finding] = []
        self._open: list[tuple[Finding, Box]] = []

    def add(self, at: float, candidates: list[Candidate]) -> None:
        """Join the candidates of one picture, which is later than all before it."""
        earliest = at - self._longest_pause
        self._over += [finding for finding, _ in self._open if finding.last < earliest]
        self._open = [each for each in self._open if each[0].last >= earliest]
        unmatched = list(self._open)
        for candidate in sorted(candidates, key=lambda each: -each.score):
            place = _nearest(candidate, unmatched)
            if place is None:
                self._open.append((self._begin(candidate), candidate.box))
            else:
                before = unmatched.pop(place)
                self._open.remove(before)
                self._open.append((_continue(before[0], candidate), candidate.box))

    def findings(self) -> list[Finding]:
        """All findings so far, ordered by their first candidate."""
        findings = [*self._over, *(finding for finding, _ in self._open)]
        return sorted(findings, key=lambda each: each.first)

    def _begin(self, candidate: Candidate) -> Finding:
        return Finding(
            self._file,
            candidate.at,
            candidate.at,
            1,
            candidate.score,
            candidate.at,
            candidate.box,
            candidate.thumbnail,
        )


def _nearest(candidate: Candidate, unmatched: list[tuple[Finding, Box]]) -> int | None:
    if not unmatched:
        return None
    shared = overlaps(np.array([candidate.box]), np.array([box for _, box in unmatched]))[0]
    best = int(shared.argmax())
    return best if shared[best] >= LEAST_OVERLAP else None


def _continue(finding: Finding, candidate: Candidate) -> Finding:
    longer = replace(finding, last=candidate.at, candidates=finding.candidates + 1)
    if candidate.score <= finding.score:
        return longer
    return replace(
        longer,
        score=candidate.score,
        at=candidate.at,
        box=candidate.box,
        thumbnail=candidate.thumbnail,
    )
