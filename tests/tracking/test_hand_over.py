import numpy as np

from anoncam.frames.boxes import Box
from anoncam.tracking.hand_over import hand_over
from anoncam.tracking.track import Observation, Track
from anoncam.tracking.tracker import Tracker
from tests.support.tracking import (
    HIGH,
    LOW,
    MILLISECOND,
    PARAMETERS,
    SETTINGS,
    at,
    boxes,
    contains,
    is_covered,
    result,
    tracker_of,
)


def fast(time: int) -> Box:
    """A face that a fast pan takes on by two of its widths from one result to the next, 100 ms
    later."""
    return at(50 + 0.8 * (time - 1000))


def test_a_face_too_fast_to_overlap_itself_is_covered_between_two_results() -> None:
    tracker = tracker_of(
        result(900), result(1000, (fast(1000), HIGH)), result(1100, (fast(1100), HIGH))
    )
    assert all(is_covered(tracker, time, fast(time)) for time in range(1000, 1101, 10))


def test_a_face_too_fast_to_overlap_itself_is_back_filled() -> None:
    tracker = tracker_of(
        result(900), *(result(time, (fast(time), HIGH)) for time in (1000, 1100, 1200))
    )
    assert all(is_covered(tracker, time, fast(time)) for time in range(900, 1000, 10))


def test_a_low_detection_of_a_fast_face_counts_with_a_high_one_after_it() -> None:
    faces = [
        result(time, (fast(time), score))
        for time, score in ((1000, HIGH), (1100, LOW), (1200, HIGH))
    ]
    tracker = tracker_of(*faces)
    assert all(is_covered(tracker, time, fast(time)) for time in range(1000, 1201, 10))


def test_low_detections_of_a_fast_face_add_up() -> None:
    tracker = tracker_of(*(result(time, (fast(time), 0.4)) for time in (1000, 1100)))
    assert is_covered(tracker, 1100, fast(1100))
    assert not boxes(tracker_of(result(1000, (at(50), 0.4)), result(1100, (at(400), 0.4))), 1100)


def test_a_fast_face_that_the_border_cuts_to_half_is_still_the_same() -> None:
    half = (0.0, 100.0, 20.0, 140.0)
    leaving = result(1100, (half, LOW))
    assert is_covered(tracker_of(result(1000, (at(60), HIGH)), leaving), 1100, half)
    assert not is_covered(tracker_of(result(1000), leaving), 1100, half), "alone it is weak"


def test_a_track_that_was_handed_over_still_persists() -> None:
    tracker = tracker_of(result(1000, (fast(1000), HIGH)), result(1100, (fast(1100), HIGH)))
    assert is_covered(tracker, 1900, fast(1000))


def test_a_face_of_another_size_or_far_away_is_another_face() -> None:
    for other in (at(130, size=80), at(400)):
        tracker = tracker_of(result(1000, (at(50), HIGH)), result(1100, (other, HIGH)))
        assert not any(contains(box, at(90)) for box in boxes(tracker, 1050))


def test_nothing_is_handed_over_across_a_cut() -> None:
    tracker = Tracker(SETTINGS)
    tracker.add_result(result(1000, (fast(1000), HIGH)))
    tracker.begin_scene(1050 * MILLISECOND)
    tracker.add_result(result(1100, (fast(1100), HIGH)))
    assert not is_covered(tracker, 1040, fast(1040))


def test_each_lost_track_is_handed_over_once_to_the_nearest_detection() -> None:
    lost = [Track("left"), Track("right")]
    for track, x in zip(lost, (0, 200), strict=True):
        track.observations.append(Observation(100, at(x)))
    found = np.array([at(90), at(0), at(100), at(110)])
    assert hand_over(found, [0, 2, 3], lost, PARAMETERS) == {0: lost[0], 3: lost[1]}
