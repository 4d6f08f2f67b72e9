"""From what looks like a face in single pictures to one finding for each face."""

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from anoncam.audit.finding import Finding, Thumbnail
from anoncam.frames.boxes import Box, overlaps

LEAST_OVERLAP = 0.2
"""Intersection over union from which two sightings, one after the other, are of one face."""


@dataclass(frozen=True)
class Candidate:
    """What looks like a face in one picture, `at` so many seconds."""

    at: float
    score: float
    box: Box
    thumbnail: Thumbnail


class FindingMerger:
    """Joins the sightings of one file, as they come.

    A face that is not seen for `patience` seconds is another one afterwards.
    """

    def __init__(self, file: Path, patience: float) -> None:
        self._file = file
        self._patience = patience
        self._over: list[Finding] = []
        self._going_on: list[tuple[Finding, Box]] = []

    def add(self, at: float, sightings: list[Candidate]) -> None:
        """Take in what one picture shows, later than all before it."""
        self._over += [
            finding for finding, _ in self._going_on if finding.last < at - self._patience
        ]
        self._going_on = [each for each in self._going_on if each[0].last >= at - self._patience]
        waiting = list(self._going_on)
        for sighting in sorted(sightings, key=lambda each: -each.score):
            place = self._nearest(sighting, waiting)
            if place is None:
                self._going_on.append((self._begin(sighting), sighting.box))
            else:
                before = waiting.pop(place)
                self._going_on.remove(before)
                self._going_on.append((_continued(before[0], sighting), sighting.box))

    def findings(self) -> list[Finding]:
        """All of them, in the order of their first sighting."""
        return sorted(
            [*self._over, *(finding for finding, _ in self._going_on)], key=lambda each: each.first
        )

    def _begin(self, sighting: Candidate) -> Finding:
        at = sighting.at
        return Finding(self._file, at, at, 1, sighting.score, at, sighting.box, sighting.thumbnail)

    @staticmethod
    def _nearest(sighting: Candidate, waiting: list[tuple[Finding, Box]]) -> int | None:
        if not waiting:
            return None
        shared = overlaps(np.array([sighting.box]), np.array([box for _, box in waiting]))[0]
        best = int(shared.argmax())
        return best if shared[best] >= LEAST_OVERLAP else None


def _continued(finding: Finding, sighting: Candidate) -> Finding:
    longer = replace(finding, last=sighting.at, sightings=finding.sightings + 1)
    if sighting.score <= finding.score:
        return longer
    return replace(
        longer, score=sighting.score, at=sighting.at, box=sighting.box, thumbnail=sighting.thumbnail
    )
