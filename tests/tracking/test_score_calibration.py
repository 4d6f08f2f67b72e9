import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from anoncam.tracking.parameters import Parameters
from anoncam.tracking.score_calibration import calibrate, count_similar, crowd_since
from anoncam.tracking.track import Observation, Track
from tests.support.tracking import (
    HIGH,
    LOW,
    MILLISECOND,
    PARAMETERS,
    PICTURE,
    at,
    boxes,
    is_covered,
    result,
    tracker_of,
    tracker_of_scores,
)

parts = st.floats(0, 1)


@given(parts, st.floats(0, 2), st.integers(0, 500))
def test_calibration_lowers_no_score_and_raises_none_above_1(
    score: float, size: float, crowd: int
) -> None:
    (found,) = calibrate(np.array([score]), np.array([size]), np.array([crowd]), PARAMETERS)
    assert score - 1e-12 <= found <= 1


def test_the_smaller_a_face_the_more_its_score_is_raised() -> None:
    sizes = np.array([1.0, Parameters.small_size, 0.08, Parameters.smallest_size, 0.001])
    scores = calibrate(np.full(5, 0.2), sizes, np.zeros(5, int), PARAMETERS)
    assert scores[0] == scores[1] == 0.2
    assert scores[1] < scores[2] < scores[3] == scores[4]


def test_the_larger_the_crowd_the_more_a_score_is_raised() -> None:
    crowd = np.array([0, 1, Parameters.max_crowd, 100])
    scores = calibrate(np.full(4, 0.2), np.ones(4), crowd, PARAMETERS)
    assert 0.2 == scores[0] < scores[1] < scores[2] == scores[3]


def test_boxes_of_like_size_are_similar_wherever_they_are() -> None:
    boxes = np.array([[0, 0, 20, 20], [500, 300, 580, 380]], float)
    others = np.array([[100, 100, 125, 125], [0, 0, 15, 15], [0, 0, 40, 40]], float)
    assert count_similar(boxes, others, PARAMETERS).tolist() == [2, 0]
    assert count_similar(boxes, np.empty((0, 4)), PARAMETERS).tolist() == [0, 0]
    assert count_similar(np.empty((0, 4)), others, PARAMETERS).tolist() == []


def test_a_crowd_is_what_was_seen_lately_and_with_confidence() -> None:
    tracks = [
        Track("old", confidence=1.0),
        Track("sure", confidence=1.0),
        Track("weak", confidence=0.15),
    ]
    for track, timestamp in zip(tracks, (99, 100, 200), strict=True):
        track.observations.append(Observation(timestamp, at(timestamp)))
    assert crowd_since(tracks, 100, PARAMETERS).tolist() == [list(at(100))]
    assert crowd_since(tracks, 201, PARAMETERS).shape == (0, 4)


def test_a_small_face_is_confirmed_with_half_the_score() -> None:
    assert boxes(tracker_of_scores(LOW, size=10), 1000)
    assert not boxes(tracker_of_scores(LOW, size=40), 1000)
    assert boxes(tracker_of_scores(LOW, size=40, picture=16 * PICTURE), 1000), (
        "the size is relative to the picture"
    )


def test_a_low_detection_among_confirmed_faces_of_its_size_is_confirmed() -> None:
    others = [(at(100 * step), HIGH) for step in range(1, 4)]
    newcomer = (at(100, 250), LOW)
    assert is_covered(
        tracker_of(result(1000, *others), result(1100, *others, newcomer)), 1100, newcomer[0]
    )
    larger = [(at(100 * step, size=80), HIGH) for step in range(1, 4)]
    assert not is_covered(
        tracker_of(result(1000, *larger), result(1100, *larger, newcomer)), 1100, newcomer[0]
    )
    long_gone = [result(1000, *others), result(2000), result(2100, newcomer)]
    assert not is_covered(tracker_of(*long_gone), 2100, newcomer[0])


def test_faces_of_the_scene_before_are_no_crowd() -> None:
    newcomer = at(100, 250)
    tracker = tracker_of(result(1000, *((at(100 * step), HIGH) for step in range(1, 4))))
    tracker.begin_scene(1050 * MILLISECOND)
    tracker.add_result(result(1100, (newcomer, LOW)))
    assert not is_covered(tracker, 1100, newcomer)


def test_tracks_confirmed_by_their_sum_alone_are_no_crowd() -> None:
    others = [(at(100 * step), 0.25) for step in range(1, 4)]
    newcomer = (at(100, 250), LOW)
    seen = [result(1000 + 100 * step, *others) for step in range(6)]
    tracker = tracker_of(*seen, result(1600, *others, newcomer))
    assert is_covered(tracker, 1600, others[0][0])
    assert not is_covered(tracker, 1600, newcomer[0])
