import pickle
from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from anoncam.config.schema import CoverageSettings
from anoncam.frames.boxes import Box
from anoncam.tracking.parameters import Parameters
from anoncam.tracking.tracker import Tracker
from tests.support.tracking import (
    HIGH,
    LOW,
    MILLISECOND,
    NONE,
    SETTINGS,
    at,
    boxes,
    contains,
    is_covered,
    overlap,
    result,
    tracker_of,
)

# What a detector may find, one result after the other.

faces = st.tuples(
    st.builds(
        at,
        st.integers(0, 30).map(lambda x: 8.0 * x),
        st.sampled_from((0.0, 40.0)),
        st.sampled_from((40, 64)),
    ),
    st.sampled_from((NONE, 0.2, LOW, 0.5, HIGH)),
)


@dataclass(frozen=True)
class Step:
    gap: int
    cut: int | None
    faces: list[tuple[Box, float]]


steps = st.builds(
    Step,
    st.sampled_from((1, 33, 66, 250, 700, 1500, 3000)),
    st.sampled_from((None, None, None, -100, 0, 20)),
    st.lists(faces, max_size=4),
)
settings = st.builds(
    CoverageSettings,
    start_threshold=st.just(0.5),
    keep_threshold=st.just(0.2),
    look_ahead=st.sampled_from((0.0, 0.5)),
    persistence=st.sampled_from((0.0, 0.1, 1.0, 5.0)),
)


@given(st.lists(steps, max_size=8), settings, st.booleans())
def test_the_tracker_never_covers_less_than_what_was_detected(
    given_steps: list[Step], given_settings: CoverageSettings, forgets: bool
) -> None:
    tracker, time, detected = tracker_of(settings=given_settings), 1000, list[tuple[int, Box]]()
    for step in given_steps:
        time += step.gap
        if step.cut is not None:
            # A cut is reported with its frame: results for frames before it come later.
            tracker.begin_scene((time + step.cut) * MILLISECOND)
        covered = boxes(tracker, time)
        # Pixels as the detector stores them, in 32 bits, are exact here.
        for box, score in step.faces:
            on_track = any(overlap(box, other) >= Parameters.least_overlap for other in covered)
            if score >= 0.5 or (score >= 0.19 and on_track):
                detected.append((time, box))
        tracker.add_result(result(time, *step.faces))
        if forgets:
            tracker.forget((time - 600) * MILLISECOND)
        for earlier, box in detected:
            assert earlier < time - 600 or is_covered(tracker, earlier, box)


@given(st.lists(steps, min_size=2, max_size=6), settings, st.booleans())
def test_between_two_results_the_detections_of_both_are_covered_however_short_the_persistence(
    given_steps: list[Step], given_settings: CoverageSettings, forgets: bool
) -> None:
    tracker, time = tracker_of(settings=given_settings), 1000
    for number, step in enumerate(given_steps):
        before, time = time, time + 2 * step.gap
        middle = (before + time) // 2
        if forgets:
            tracker.forget(middle * MILLISECOND)
        tracker.add_result(result(time, *step.faces))
        sides = [step.faces, given_steps[number - 1].faces] if number else []
        for side, other in (sides, sides[::-1]) if sides else ():
            for box in (box for box, score in side if score == HIGH):
                # Where the other side has it too, it is between both places.
                places = [box, *(halfway(box, end) for end, score in other if score > NONE)]
                assert any(is_covered(tracker, middle, place) for place in places)


def halfway(first: Box, second: Box) -> Box:
    left, top, right, bottom = ((a + b) / 2 for a, b in zip(first, second, strict=True))
    return left, top, right, bottom


def test_two_faces_that_are_always_apart_keep_their_two_keys() -> None:
    results = [
        result(1000 + 66 * step, (at(50 + step), HIGH), (at(200 - step), HIGH))
        for step in range(10)
    ]
    tracker = tracker_of(*results)
    keys = [
        {cover.key: cover.box for cover in tracker.coverage((1000 + 66 * step) * MILLISECOND)}
        for step in range(10)
    ]
    assert len(keys[0]) == 2
    assert all(key.keys() == keys[0].keys() for key in keys)
    assert all(contains(key["track 1"], at(50 + step)) for step, key in enumerate(keys))


def test_other_settings_count_from_the_next_result_on() -> None:
    tracker = tracker_of(result(1000, (at(100), 0.25)))
    tracker.configure(CoverageSettings(start_threshold=0.25, keep_threshold=0.2))
    tracker.add_result(result(1100, (at(300), LOW)))
    assert is_covered(tracker, 1100, at(300))
    assert not is_covered(tracker, 1100, at(100))


def test_memory_is_bounded_over_a_long_run() -> None:
    random = np.random.default_rng(0)
    tracker, sizes = Tracker(SETTINGS), []
    for step in range(1500):
        time = 1000 + 66 * step
        # One face that never goes, others that come and go, cuts.
        others = [
            (at(*random.integers(0, 1000, 2).tolist()), float(random.random())) for _ in range(4)
        ]
        if step % 50 == 0:
            tracker.begin_scene(time * MILLISECOND)
        tracker.add_result(result(time, (at(100), HIGH), *others))
        tracker.forget((time - 500) * MILLISECOND)
        if step % 10 == 0:
            sizes.append(len(pickle.dumps(tracker)))
    assert max(sizes[100:]) < 1.3 * max(sizes[10:50])
    assert max(sizes) < 60_000


def crowd(count: int, shift: float = 0.0) -> list[tuple[Box, float]]:
    """Faces side by side, none of which overlaps one of another shift."""
    return [
        (at(100.0 * (number % 40) + shift, 100.0 * (number // 40), 20), HIGH)
        for number in range(count)
    ]


def test_four_hundred_faces_are_all_covered() -> None:
    tracker = tracker_of(
        *(result(time, *crowd(400, time / 100)) for time in range(1000, 2000, 100))
    )
    assert all(is_covered(tracker, 1500, box) for box, _ in crowd(400, 15))


def test_a_result_with_too_many_detections_is_left_out_and_the_tracks_before_it_stay() -> None:
    tracker = tracker_of(result(1000, (at(-500), HIGH)))
    assert tracker.add_result(result(1100, *crowd(Parameters.max_detections)))
    assert not tracker.add_result(result(1200, *crowd(Parameters.max_detections + 1, 50)))
    assert is_covered(tracker, 1100, at(-500))
    assert not is_covered(tracker, 1200, crowd(1, 50)[0][0])


def test_one_detection_more_than_the_limit_is_too_many() -> None:
    assert tracker_of().add_result(result(1000, *crowd(Parameters.max_detections)))
    assert not tracker_of().add_result(result(1000, *crowd(Parameters.max_detections + 1)))


def test_detections_below_the_keep_threshold_are_not_too_many() -> None:
    faint = [(box, NONE) for box, _ in crowd(Parameters.max_detections + 1)]
    assert tracker_of().add_result(result(1000, *faint))


def test_the_number_of_tracks_is_bounded_when_every_result_begins_new_ones() -> None:
    tracker, taken = tracker_of(), []
    for step in range(60):
        time = 1000 + 100 * step
        # Noise: none of it where any was before.
        taken.append(tracker.add_result(result(time, *crowd(400, 2000.0 * step))))
        tracker.forget((time - 500) * MILLISECOND)
        assert len(tracker._tracks) <= Parameters.max_tracks
    assert True in taken
    assert False in taken
    assert tracker.add_result(result(9000, (at(100), HIGH)))


@pytest.mark.parametrize("gap", [200, 300])
def test_a_detector_slower_than_the_camera_covers_every_frame_of_a_moving_face(gap: int) -> None:
    def face(time: int) -> Box:
        return at(50 + time * 0.06)

    tracker = Tracker(SETTINGS)
    shown = 0
    for time in range(1000, 5000, gap):
        tracker.add_result(result(time, (face(time), HIGH)))
        # A frame leaves when its look-ahead expires.
        for shown in range(max(shown, 1000), time - 500, 33):  # noqa: B020 - goes on where it was
            assert is_covered(tracker, shown, face(shown))
            tracker.forget(shown * MILLISECOND)
    assert shown > 4000
