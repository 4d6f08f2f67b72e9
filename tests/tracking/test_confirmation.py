import math

import pytest

from anoncam.tracking.confirmation import add_score, confidence, progress
from tests.support.tracking import (
    HIGH,
    PARAMETERS,
    at,
    boxes,
    is_covered,
    result,
    tracker_of,
    tracker_of_scores,
)


def test_a_low_detection_alone_covers_nothing() -> None:
    tracker = tracker_of(
        result(900),
        result(1000, (at(100), 0.25)),
        *(result(1000 + 100 * step) for step in range(1, 10)),
    )
    assert not any(boxes(tracker, time) for time in range(500, 2100, 10))


def test_low_detections_of_one_face_add_up() -> None:
    assert not boxes(tracker_of_scores(0.25, 0.25), 1050)
    tracker = tracker_of_scores(*[0.25] * 4)
    assert all(is_covered(tracker, time, at(100)) for time in range(860, 1301, 20)), (
        "and it was there before"
    )


def test_a_larger_face_needs_a_higher_confirmation_score() -> None:
    scores = [0.25] * 5
    assert boxes(tracker_of_scores(*scores, size=40), 1200)
    assert not boxes(tracker_of_scores(*scores, size=300), 1200)
    assert boxes(tracker_of_scores(*scores, size=300, picture=2.5e7), 1200), (
        "the size is relative to the picture"
    )
    assert boxes(tracker_of_scores(*scores, HIGH, size=300), 1200), "one high detection is enough"


def test_a_low_detection_now_and_then_confirms_nothing() -> None:
    seen = [0.25 if step % 9 == 0 else 0.0 for step in range(82)]
    assert not boxes(tracker_of_scores(*seen), 1000 + 81 * 100)


def test_a_fast_detector_confirms_no_sooner() -> None:
    assert boxes(tracker_of_scores(*[0.25] * 3), 1200)
    assert not boxes(tracker_of_scores(*[0.25] * 3, gap=33), 1066)


def test_a_slow_detector_confirms_as_soon() -> None:
    often, seldom = tracker_of_scores(*[0.25] * 4), tracker_of_scores(*[0.25] * 2, gap=200)
    assert boxes(often, 1200)
    assert boxes(seldom, 1200)


def test_a_confirmation_score_decays_to_half_in_its_half_life() -> None:
    assert add_score(4.0, 0.0, since=1.0, interval=0.1, parameters=PARAMETERS) == 2.0


def test_a_first_detection_counts_for_the_interval_that_its_result_stands_for() -> None:
    scores = [
        add_score(0.0, 0.3, since=math.inf, interval=interval, parameters=PARAMETERS)
        for interval in (0.0, 0.1, 0.2, 0.4, 5.0)
    ]
    assert scores == pytest.approx([0.3, 0.3, 0.6, 1.2, 1.2])


def test_progress_is_1_once_the_score_suffices_for_the_size() -> None:
    # A tenth of the picture's width needs 0.5 + 6.0 * 0.1 = 1.1 of the start threshold.
    scores = (0.0, 0.275, 0.55, 9.0)
    found = [progress(score, 0.1, PARAMETERS) for score in scores]
    assert found == pytest.approx([0.0, 0.5, 1.0, 1.0])


def test_only_the_start_threshold_gives_full_confidence() -> None:
    assert confidence(0.2, is_high=True, parameters=PARAMETERS) == 1.0
    assert confidence(1.0, is_high=False, parameters=PARAMETERS) == 0.15
