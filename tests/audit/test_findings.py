from pathlib import Path

import numpy as np

from anoncam.audit.findings import Candidate, FindingMerger
from anoncam.frames.boxes import Box

FILE = Path("a.mp4")


def candidate(at: float, box: Box, score: float = 0.5) -> Candidate:
    return Candidate(at, score, box, np.full((4, 4, 3), int(100 * score), np.uint8))


def test_a_face_that_stays_is_one_finding_that_shows_its_best_candidate() -> None:
    merger = FindingMerger(FILE, 1.0)
    for number, score in enumerate((0.4, 0.7, 0.5)):
        left = 10.0 + 2 * number
        merger.add(0.5 * number, [candidate(0.5 * number, (left, 0, left + 20, 20), score)])
    (finding,) = merger.findings()
    assert (finding.first, finding.last, finding.candidates) == (0.0, 1.0, 3)
    assert (finding.score, finding.at, finding.box[0]) == (0.7, 0.5, 12.0)
    assert finding.thumbnail[0, 0, 0] == 70


def test_a_face_elsewhere_and_one_after_a_pause_are_findings_of_their_own() -> None:
    merger = FindingMerger(FILE, 1.0)
    merger.add(0, [candidate(0, (0, 0, 20, 20)), candidate(0, (100, 0, 120, 20))])
    merger.add(5, [candidate(5, (0, 0, 20, 20))])
    assert [(each.first, each.box[0]) for each in merger.findings()] == [
        (0, 0),
        (0, 100),
        (5, 0),
    ]


def test_two_faces_side_by_side_stay_two() -> None:
    merger = FindingMerger(FILE, 1.0)
    for at in (0.0, 0.5):
        merger.add(at, [candidate(at, (0, 0, 20, 20)), candidate(at, (12, 0, 32, 20), 0.9)])
    assert sorted(each.candidates for each in merger.findings()) == [2, 2]
