"""The least certain tracks are listed first, with their times in the footage."""

from anoncam.archive.doubts import MOST_DOUBTS, Doubt, Doubts
from anoncam.clock import NANOSECONDS
from anoncam.tracking.coverage import Coverage, CoverBox


def covered(**scores: float) -> Coverage:
    return Coverage(tuple(CoverBox((0, 0, 1, 1), key, score) for key, score in scores.items()))


def test_the_lowest_of_the_highest_scores_come_first() -> None:
    doubts = Doubts(start=5 * NANOSECONDS)
    doubts.add(6 * NANOSECONDS, covered(sure=0.9, later=0.1))
    doubts.add(7 * NANOSECONDS, covered(low=0.3, later=0.8))
    assert doubts.lowest() == [
        Doubt("low", 0.3, 2.0, 2.0),
        Doubt("later", 0.8, 1.0, 2.0),
        Doubt("sure", 0.9, 1.0, 1.0),
    ]


def test_the_list_is_short() -> None:
    doubts = Doubts(0)
    doubts.add(0, covered(**{f"t{number}": number / 100 for number in range(50)}))
    assert [each.track for each in doubts.lowest()] == [f"t{each}" for each in range(MOST_DOUBTS)]
