"""Each box says why it is covered; what is covered does not depend on that."""

from anoncam.tracking.coverage import CoverBox, Reason
from tests.support.tracking import HIGH, LOW, MILLISECOND, at, result, tracker_of


def reasons(scores: list[float], *times: int) -> list[Reason]:
    tracker = tracker_of(*(result(100 * n, (at(100), score)) for n, score in enumerate(scores)))
    tracker.add_result(result(100 * len(scores)))
    return [tracker.coverage(time * MILLISECOND)[0].reason for time in times]


def test_a_high_detection_makes_its_track_sure_also_before_and_between_detections() -> None:
    assert reasons([LOW, HIGH, LOW], 0, 50, 100, 200) == [Reason.SURE] * 4


def test_a_track_of_low_detections_is_covered_for_their_sum() -> None:
    assert reasons([LOW] * 8, 0, 650, 700) == [Reason.SUM] * 3


def test_beyond_its_detections_a_track_persists() -> None:
    assert reasons([HIGH], -100, 50) == [Reason.PERSISTED] * 2


def test_a_box_has_the_highest_score_of_its_track_so_far() -> None:
    tracker = tracker_of(result(0, (at(100), HIGH)), result(100, (at(100), LOW)))
    [cover] = tracker.coverage(0)
    assert HIGH - 0.01 < cover.score <= 1


def test_boxes_are_equal_whatever_their_reason() -> None:
    assert CoverBox((0, 0, 1, 1), "track 1", 0.5, Reason.SUM) == CoverBox((0, 0, 1, 1), "track 1")


def test_a_moment_is_a_reason_of_its_own() -> None:
    tracker = tracker_of(result(1000), result(1100, (at(100), LOW)), result(1200), moments=True)
    assert [cover.reason for cover in tracker.coverage(1120 * MILLISECOND)] == [Reason.MOMENT]
