import pytest

from anoncam.frames.boxes import Box
from anoncam.tracking.extent import Span, box_at, smooth, span_at
from anoncam.tracking.track import Observation, Track
from tests.support.tracking import (
    HIGH,
    LOW,
    MILLISECOND,
    PARAMETERS,
    at,
    boxes,
    is_covered,
    result,
    tracker_of,
)


def test_a_first_detection_back_fills_the_whole_look_ahead() -> None:
    tracker = tracker_of(result(1000), result(1700), result(2000, (at(100), HIGH)))
    assert is_covered(tracker, 1501, at(100))
    assert not boxes(tracker, 1499)


def test_back_fill_follows_the_motion_backwards() -> None:
    tracker = tracker_of(
        *(result(2000 + 100 * step, (at(200 + 20 * step), HIGH)) for step in range(4))
    )
    assert is_covered(tracker, 1800, at(160))


def test_the_box_between_two_detections_is_interpolated() -> None:
    tracker = tracker_of(result(1000, (at(100), HIGH)), result(1300), result(1600, (at(112), HIGH)))
    for time in range(1000, 1601, 20):
        assert is_covered(tracker, time, at(100 + 12 * (time - 1000) / 600))


@pytest.mark.parametrize("size", [32, 56, 64, 80, 120])
@pytest.mark.parametrize("score", [LOW, HIGH])
def test_a_fast_face_is_covered_before_it_was_found_whatever_was_found_on_its_way(
    size: int, score: float
) -> None:
    """What was found ahead of it is not the face, of whatever size and however certain."""
    other = result(900, (at(220, 80, size), score))
    found = [result(1000 + 100 * step, (at(180 + 40 * step, 60, 80), HIGH)) for step in range(3)]
    tracker = tracker_of(other, *found)
    for time in range(910, 1000, 10):
        assert is_covered(tracker, time, at(180 - 0.4 * (1000 - time), 60, 80)), time


def test_a_face_that_comes_back_is_covered_before_it_was_found_where_another_one_left() -> None:
    left = [result(1000 + 100 * step, (at(100, 100, 80), HIGH)) for step in range(3)]
    back = [result(1700 + 100 * step, (at(140 - 30 * step, 100, 80), HIGH)) for step in range(3)]
    tracker = tracker_of(*left, result(1400), result(1600), *back)
    for time in range(1500, 1700, 20):
        assert is_covered(tracker, time, at(140 + 0.3 * (1700 - time), 100, 80)), time


def test_the_nearer_detection_is_covered_whole_where_it_is_interpolated() -> None:
    tracker = tracker_of(
        result(1000, (at(0, 0, 40), HIGH)), result(1002), result(1004, (at(0, 0, 64), HIGH))
    )
    assert is_covered(tracker, 1003, at(0, 0, 64))


def test_a_lost_track_covers_for_the_persistence() -> None:
    tracker = tracker_of(
        result(1000, (at(100), HIGH)), *(result(1000 + 100 * step) for step in range(1, 30))
    )
    assert is_covered(tracker, 2000, at(100))
    assert not boxes(tracker, 2001)


def test_the_motion_of_a_lost_track_is_predicted() -> None:
    tracker = tracker_of(
        *(result(1000 + 100 * step, (at(100 + 12 * step), HIGH)) for step in range(4)), result(1400)
    )
    assert is_covered(tracker, 1400, at(148))
    assert is_covered(tracker, 1600, at(172))
    assert is_covered(tracker, 1600, at(160))


def test_a_low_detection_on_a_confirmed_track_does_not_back_fill() -> None:
    seen = [result(1000 + 100 * step, (at(100), HIGH)) for step in range(4)]
    for score, reaches_back in ((LOW, False), (HIGH, True)):
        tracker = tracker_of(result(500), *seen, result(1400, (at(100), HIGH), (at(120), score)))
        assert is_covered(tracker, 1400, at(120))
        assert is_covered(tracker, 1350, at(120)) is reaches_back


def test_a_track_confirmed_by_its_sum_alone_persists_and_back_fills_for_less_time() -> None:
    seen = [result(1000 + 100 * step, (at(100), 0.25)) for step in range(4)]
    tracker = tracker_of(result(100), result(900), *seen, result(1400), result(3000))
    covered = [time for time in range(500, 3000, 10) if boxes(tracker, time)]
    assert 780 < covered[0] < 860
    assert 1400 < covered[-1] < 1500


def test_the_lower_the_confidence_the_shorter_a_track_persists() -> None:
    tracker = tracker_of(
        result(1000, (at(100), HIGH)), result(1100, (at(100), HIGH), (at(120), 0.2)), result(1200)
    )
    assert is_covered(tracker, 2000, at(100)), "one that was sure for its whole time"
    assert is_covered(tracker, 1150, at(120)), "between two results every track persists"
    assert not any(box[2] > 150 for box in boxes(tracker, 2050))


def track_of(*boxes: Box, gap: int = 100) -> Track:
    """A track with these boxes, the first at 1000 ms, `gap` milliseconds apart."""
    track = Track("track")
    for step, box in enumerate(boxes):
        track.observations.append(Observation((1000 + step * gap) * MILLISECOND, box))
    return track


def test_a_jittering_box_is_smoothed() -> None:
    track = track_of(at(100), at(112), at(100))
    time = 1100 * MILLISECOND
    observations = track.observations
    assert smooth(observations, observations[1], time, PARAMETERS) == at(104)
    assert box_at(track, time, Span(0, 0), PARAMETERS) == (104, 100, 152, 140)


def test_the_box_of_a_still_face_is_the_same_wherever_its_track_covers() -> None:
    track = track_of(at(100), at(100), gap=400)
    for time in (800, 1100, 1200, 1500, 1800, 9000):
        box = box_at(track, time * MILLISECOND, Span(10**11, 10**11), PARAMETERS)
        assert box == pytest.approx(at(100))


def test_a_track_covers_as_long_as_its_span_and_its_back_fill_limit_allow() -> None:
    track, span = track_of(at(100)), Span(persistence=10, back_fill=20)
    start = 1000 * MILLISECOND
    covered = [box_at(track, start + each, span, PARAMETERS) for each in (-21, -20, 10, 11)]
    assert [box is not None for box in covered] == [False, True, True, False]
    track.back_fill_limit = start - 5
    covered = [box_at(track, start + each, span, PARAMETERS) for each in (-6, -5)]
    assert [box is not None for box in covered] == [False, True]


def test_a_span_depends_on_the_confidence() -> None:
    second, half = 1000 * MILLISECOND, 500 * MILLISECOND
    assert span_at(0, 1.0, [], PARAMETERS) == Span(second, half)
    assert span_at(0, 0.0, [], PARAMETERS) == Span(0, half // 4)


def test_between_two_results_a_span_extends_to_both() -> None:
    results = [0, 9000 * MILLISECOND]
    assert span_at(4000 * MILLISECOND, 0.0, results, PARAMETERS) == Span(
        4000 * MILLISECOND, 5000 * MILLISECOND
    )


def test_a_single_detection_covers_its_moment_half_way_to_the_results_around_it() -> None:
    around = [result(1000), result(1100, (at(100), LOW)), result(1300)]
    tracker = tracker_of(*around, moments=True)
    covered = [time for time in range(900, 1400, 10) if boxes(tracker, time)]
    assert (covered[0], covered[-1]) == (1050, 1200)
    assert all(is_covered(tracker, time, at(100)) for time in covered)
    assert not boxes(tracker_of(*around), 1100)


def test_a_detection_below_the_moment_threshold_covers_nothing() -> None:
    tracker = tracker_of(result(1000), result(1100, (at(100), 0.21)), result(1200), moments=True)
    assert not any(boxes(tracker, time) for time in range(900, 1300, 10))


def test_between_two_moments_of_one_face_it_is_interpolated() -> None:
    seen = [result(1000 + 100 * step, (at(100 + 8 * step), LOW)) for step in range(2)]
    tracker = tracker_of(result(900), *seen, result(1200), moments=True)
    assert is_covered(tracker, 1050, at(104))
