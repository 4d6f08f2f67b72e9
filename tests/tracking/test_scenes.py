import numpy as np
import pytest

from anoncam.motion.cells import Cells
from anoncam.motion.scene_cuts import Replacement
from anoncam.tracking.scenes import is_same_scene, scene_start
from anoncam.tracking.tracker import Tracker
from tests.support.tracking import HIGH, LOW, MILLISECOND, at, boxes, is_covered, result, tracker_of


def test_nothing_is_back_filled_across_a_cut() -> None:
    tracker = tracker_of(result(1000), result(1900))
    tracker.begin_scene(1950 * MILLISECOND)
    tracker.add_result(result(2000, (at(100), HIGH)))
    assert is_covered(tracker, 1950, at(100))
    assert not boxes(tracker, 1949)


def test_tracks_persist_across_a_cut_but_are_not_interpolated() -> None:
    tracker = tracker_of(result(1000, (at(100), HIGH)))
    tracker.begin_scene(1300 * MILLISECOND)
    tracker.add_result(result(1600, (at(120), HIGH)))
    keys = {cover.key for cover in tracker.coverage(1450 * MILLISECOND)}
    assert len(keys) == 2
    assert is_covered(tracker, 1290, at(100))
    assert not is_covered(tracker, 1290, at(120))
    assert is_covered(tracker, 1990, at(100))


def replacement(cut: int, *, since: int = 0, same: bool = False) -> Replacement:
    """A scene replaced at `cut`, in milliseconds, by one that looks the same or not."""
    before, after = np.random.default_rng(0).uniform(0, 255, (2, 60, 100)).astype(np.float32)
    times = since * MILLISECOND, cut * MILLISECOND
    return Replacement(*times, Cells(before, 8), Cells(before if same else after, 8))


def over_a_cut(gone: Replacement | None) -> Tracker:
    """A tracker that has lost a face at a cut, after which the scene is replaced."""
    tracker = tracker_of(result(1000, (at(100), HIGH)), result(1090, (at(100), HIGH)))
    tracker.begin_scene(1100 * MILLISECOND)
    for step in range(1, 5):
        tracker.add_result(result(1000 + 100 * step))
    if gone is not None:
        tracker.replace_scene(gone)
    return tracker


def test_a_track_ends_at_a_cut_after_which_another_scene_shows_something_else_there() -> None:
    tracker = over_a_cut(replacement(1100))
    assert is_covered(tracker, 1099, at(100))
    assert not boxes(tracker, 1100)


def test_a_track_persists_across_a_cut_where_the_face_may_still_be() -> None:
    for gone in (None, replacement(1100, same=True), replacement(1100, since=1095)):
        tracker = over_a_cut(gone)
        assert all(is_covered(tracker, time, at(100)) for time in range(1100, 2091, 33))


def test_a_face_of_the_new_scene_is_covered_where_a_track_of_the_old_one_ended() -> None:
    tracker = over_a_cut(replacement(1100))
    tracker.add_result(result(1500, (at(100), HIGH)))
    assert all(is_covered(tracker, time, at(100)) for time in range(1100, 2500, 33))


def test_a_cut_does_not_separate_later_results_for_frames_before_it() -> None:
    tracker = tracker_of(result(1000, (at(100), HIGH)))
    tracker.begin_scene(1500 * MILLISECOND)
    tracker.begin_scene(1600 * MILLISECOND)
    tracker.add_result(result(1200, (at(104), LOW)))
    tracker.add_result(result(1400, (at(108), LOW)))
    tracker.add_result(result(1550, (at(200, 10), HIGH)))
    assert is_covered(tracker, 1200, at(104))
    assert is_covered(tracker, 1300, at(106))
    assert is_covered(tracker, 1500, at(200, 10))
    assert not is_covered(tracker, 1499, at(200, 10))


def test_a_low_detection_counts_where_a_track_persists_across_a_cut() -> None:
    tracker = tracker_of(result(1000, (at(100), HIGH)))
    tracker.begin_scene(1100 * MILLISECOND)
    tracker.add_result(result(1200, (at(120), LOW)))
    assert is_covered(tracker, 1200, at(120))


@pytest.mark.parametrize(
    ("cuts", "same"), [([], True), ([100], True), ([101], False), ([200], False), ([201], True)]
)
def test_a_scene_ends_with_the_first_frame_of_the_next(cuts: list[int], same: bool) -> None:
    assert is_same_scene(100, 200, cuts) is same


def test_a_scene_starts_at_the_last_cut_known() -> None:
    assert [scene_start(each, [100, 200]) for each in (99, 100, 150, 300)] == [None, 100, 100, 200]
