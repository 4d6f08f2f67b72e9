import numpy as np
import pytest

from anoncam.config.schema import CoverageSettings
from anoncam.frames.boxes import Box
from anoncam.tracking.association import associate, match
from anoncam.tracking.parameters import Parameters
from anoncam.tracking.track import Observation, Track
from tests.support.tracking import (
    HIGH,
    LOW,
    NONE,
    PARAMETERS,
    at,
    boxes,
    is_covered,
    overlap,
    result,
    tracker_of,
)


@pytest.mark.parametrize("sure", [0, 5, 9])
def test_low_detections_count_with_a_high_one_earlier_or_later(sure: int) -> None:
    scores = [HIGH if step == sure else LOW for step in range(10)]
    tracker = tracker_of(
        *(
            result(1000 + 100 * step, (at(100 + 4 * step), score))
            for step, score in enumerate(scores)
        )
    )
    assert all(is_covered(tracker, 1000 + 100 * step, at(100 + 4 * step)) for step in range(10))


def test_detections_below_the_keep_threshold_count_for_nothing() -> None:
    low = [result(1000 + 100 * step, (at(100), NONE)) for step in range(1, 15)]
    tracker = tracker_of(result(1000, (at(100), HIGH)), *low)
    assert not boxes(tracker, 2100)


def test_scores_at_the_thresholds_count() -> None:
    tracker = tracker_of(
        result(1000, (at(100), 0.5)), result(1900, (at(100), float(np.float32(0.2))))
    )
    assert is_covered(tracker, 2500, at(100))


@pytest.mark.parametrize("threshold", [0.7, 0.9, 0.95])
def test_a_score_of_exactly_the_threshold_reaches_it_as_the_detector_stores_it(
    threshold: float,
) -> None:
    settings = CoverageSettings(start_threshold=threshold, keep_threshold=threshold)
    assert is_covered(
        tracker_of(result(1000, (at(100), threshold)), settings=settings), 1000, at(100)
    )


def test_a_low_detection_between_the_last_and_the_predicted_box_counts() -> None:
    fast = [result(1000 + 100 * step, (at(100 + 24 * step), HIGH)) for step in range(4)]
    tracker = tracker_of(*fast, result(1400), result(1500))
    between = at(206, 98, 44)
    assert any(overlap(box, between) >= Parameters.least_overlap for box in boxes(tracker, 1600))
    tracker.add_result(result(1600, (between, LOW)))
    assert is_covered(tracker, 1600, between)


def test_detections_and_tracks_are_matched_once_the_largest_overlap_first() -> None:
    shared = np.array([[0.5, 0.9, 0.0], [0.3, 0.8, 0.1], [0.0, 0.7, 0.2]])
    assert match(shared, 0.2) == {0: 1, 1: 0, 2: 2}
    assert match(shared, 0.4) == {0: 1}


def track_at(box: Box, *, confirmed: bool) -> tuple[Track, Box]:
    """A track that was seen last in `box`, with what it covers."""
    track = Track("track", confirmed=confirmed)
    track.observations.append(Observation(100, box))
    return track, box


def test_a_detection_continues_a_track_that_it_overlaps() -> None:
    tentative, confirmed = track_at(at(0), confirmed=False), track_at(at(200), confirmed=True)
    found = np.array([at(4), at(100), at(204)])
    association = associate(found, [tentative, confirmed], 200, [], PARAMETERS)
    assert association.tracks == {0: tentative[0], 2: confirmed[0]}
    assert association.on_confirmed.tolist() == [False, False, True]


def test_a_detection_continues_no_track_of_another_scene() -> None:
    confirmed = track_at(at(0), confirmed=True)
    association = associate(np.array([at(4)]), [confirmed], 200, [150], PARAMETERS)
    assert association.tracks == {}
    assert association.on_confirmed.tolist() == [True]
