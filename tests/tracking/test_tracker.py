import pickle
from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from anoncam.clock import NANOSECONDS
from anoncam.config.schema import CoverageSettings
from anoncam.detectors.detector import DetectionResult
from anoncam.frames.boxes import Box
from anoncam.motion.cells import Cells
from anoncam.motion.scene_cuts import Replacement
from anoncam.tracking.tracker import LEAST_OVERLAP, MOST_FACES, MOST_TRACKS, Tracker

MILLISECOND = NANOSECONDS // 1000
SURE, WEAK, NOTHING = 0.9, 0.3, 0.1
PICTURE = 1e5
"""Pixels: so few that a face of 40x40 is none of the small ones whose scores are worth more."""
SETTINGS = CoverageSettings(
    start_threshold=0.5, keep_threshold=0.2, look_ahead=0.5, persistence=1.0
)


def answer(moment: int, *faces: tuple[Box, float]) -> DetectionResult:
    """What a detector says at `moment`, in milliseconds."""
    rows = [
        (left, top, right - left, bottom - top, score)
        for (left, top, right, bottom), score in faces
    ]
    return DetectionResult(
        moment * MILLISECOND, np.array(rows, np.float32).reshape(-1, 5), True, 0.01
    )


def tracker(*answers: DetectionResult, settings: CoverageSettings = SETTINGS) -> Tracker:
    fed = Tracker(settings)
    fed.picture_area = PICTURE
    for given_answer in answers:
        fed.feed(given_answer)
    return fed


def boxes(fed: Tracker, moment: int) -> list[Box]:
    return [cover.box for cover in fed.coverage(moment * MILLISECOND)]


def holds(outer: Box, inner: Box) -> bool:
    return (
        outer[0] <= inner[0]
        and outer[1] <= inner[1]
        and outer[2] >= inner[2]
        and outer[3] >= inner[3]
    )


def is_covered(fed: Tracker, moment: int, box: Box) -> bool:
    return any(holds(covered, box) for covered in boxes(fed, moment))


def overlap(first: Box, second: Box) -> float:
    width = min(first[2], second[2]) - max(first[0], second[0])
    height = min(first[3], second[3]) - max(first[1], second[1])
    shared = max(0.0, width) * max(0.0, height)
    areas = sum((box[2] - box[0]) * (box[3] - box[1]) for box in (first, second))
    return shared / (areas - shared)


def at(x: float, y: float = 100, size: float = 40) -> Box:
    return x, y, x + size, y + size


# What a detector may say, one answer after the other.

faces = st.tuples(
    st.builds(
        at,
        st.integers(0, 30).map(lambda x: 8.0 * x),
        st.sampled_from((0.0, 40.0)),
        st.sampled_from((40, 64)),
    ),
    st.sampled_from((NOTHING, 0.2, WEAK, 0.5, SURE)),
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
def test_a_tracker_never_covers_less_than_the_detector_said(
    given_steps: list[Step], given_settings: CoverageSettings, forgets: bool
) -> None:
    fed, moment, said = tracker(settings=given_settings), 1000, list[tuple[int, Box]]()
    for step in given_steps:
        moment += step.gap
        if step.cut is not None:
            # A cut is told when its frame is captured: before answers to frames from before it.
            fed.cut((moment + step.cut) * MILLISECOND)
        known = boxes(fed, moment)
        # Pixels as the detector stores them, in 32 bits, are exact here.
        for box, score in step.faces:
            near = any(overlap(box, other) >= LEAST_OVERLAP for other in known)
            if score >= 0.5 or (score >= 0.19 and near):
                said.append((moment, box))
        fed.feed(answer(moment, *step.faces))
        if forgets:
            fed.forget((moment - 600) * MILLISECOND)
        for told, box in said:
            assert told < moment - 600 or is_covered(fed, told, box)


@given(st.lists(steps, min_size=2, max_size=6), settings, st.booleans())
def test_between_two_answers_what_either_saw_is_covered_however_short_the_reach(
    given_steps: list[Step], given_settings: CoverageSettings, forgets: bool
) -> None:
    fed, moment = tracker(settings=given_settings), 1000
    for number, step in enumerate(given_steps):
        before, moment = moment, moment + 2 * step.gap
        middle = (before + moment) // 2
        if forgets:
            fed.forget(middle * MILLISECOND)
        fed.feed(answer(moment, *step.faces))
        sides = [step.faces, given_steps[number - 1].faces] if number else []
        for side, other in (sides, sides[::-1]) if sides else ():
            for box in (box for box, score in side if score == SURE):
                # Where the other side saw it too, it is between both places.
                places = [box, *(halfway(box, end) for end, score in other if score > NOTHING)]
                assert any(is_covered(fed, middle, place) for place in places)


def halfway(first: Box, second: Box) -> Box:
    left, top, right, bottom = ((a + b) / 2 for a, b in zip(first, second, strict=True))
    return left, top, right, bottom


def test_a_first_detection_reaches_back_as_far_as_the_look_ahead() -> None:
    fed = tracker(answer(1000), answer(1700), answer(2000, (at(100), SURE)))
    assert is_covered(fed, 1501, at(100))
    assert not boxes(fed, 1499)


def test_motion_is_followed_backwards_too() -> None:
    fed = tracker(*(answer(2000 + 100 * step, (at(200 + 20 * step), SURE)) for step in range(4)))
    assert is_covered(fed, 1800, at(160))


def test_a_gap_is_interpolated() -> None:
    fed = tracker(answer(1000, (at(100), SURE)), answer(1300), answer(1600, (at(112), SURE)))
    for moment in range(1000, 1601, 20):
        assert is_covered(fed, moment, at(100 + 12 * (moment - 1000) / 600))


def test_what_an_answer_saw_again_after_a_gap_is_covered_whole_before_it() -> None:
    fed = tracker(
        answer(1000, (at(0, 0, 40), SURE)), answer(1002), answer(1004, (at(0, 0, 64), SURE))
    )
    assert is_covered(fed, 1003, at(0, 0, 64))


def test_a_lost_face_is_held_for_its_time() -> None:
    fed = tracker(
        answer(1000, (at(100), SURE)), *(answer(1000 + 100 * step) for step in range(1, 30))
    )
    assert is_covered(fed, 2000, at(100))
    assert not boxes(fed, 2001)


def test_the_motion_of_a_lost_face_is_predicted() -> None:
    fed = tracker(
        *(answer(1000 + 100 * step, (at(100 + 20 * step), SURE)) for step in range(4)), answer(1400)
    )
    assert is_covered(fed, 1400, at(180))
    assert is_covered(fed, 1600, at(220))
    assert is_covered(fed, 1600, at(160))


def test_a_low_detection_alone_covers_nothing() -> None:
    fed = tracker(
        answer(900),
        answer(1000, (at(100), 0.25)),
        *(answer(1000 + 100 * step) for step in range(1, 10)),
    )
    assert not any(boxes(fed, moment) for moment in range(500, 2100, 10))


def watched(*scores: float, gap: int = 100, size: float = 40, picture: float = PICTURE) -> Tracker:
    """A tracker that has seen one face with these scores, in a picture of so many pixels."""
    fed = Tracker(SETTINGS)
    fed.picture_area = picture
    for step, score in enumerate(scores):
        fed.feed(answer(1000 + gap * step, (at(100, size=size), score)))
    return fed


def test_low_detections_of_one_face_add_up() -> None:
    assert not boxes(watched(0.25, 0.25), 1050)
    fed = watched(*[0.25] * 4)
    assert all(is_covered(fed, moment, at(100)) for moment in range(860, 1301, 20)), (
        "and it was there before"
    )


def test_a_face_that_is_sure_by_evidence_alone_reaches_less_far_back_and_ahead() -> None:
    seen = [answer(1000 + 100 * step, (at(100), 0.25)) for step in range(4)]
    fed = tracker(answer(100), answer(900), *seen, answer(1400), answer(3000))
    covered = [moment for moment in range(500, 3000, 10) if boxes(fed, moment)]
    assert 780 < covered[0] < 860
    assert 1400 < covered[-1] < 1500


def test_the_larger_a_face_the_more_evidence_it_takes() -> None:
    scores = [0.25] * 5
    assert boxes(watched(*scores, size=40), 1200)
    assert not boxes(watched(*scores, size=300), 1200)
    assert boxes(watched(*scores, size=300, picture=2.5e7), 1200), (
        "large is what is large in its picture"
    )
    assert boxes(watched(*scores, SURE, size=300), 1200), "who is sure once needs no more"


def test_a_small_face_is_sure_with_half_the_score() -> None:
    assert boxes(watched(WEAK, size=10), 1000)
    assert not boxes(watched(WEAK, size=40), 1000)
    assert boxes(watched(WEAK, size=40, picture=16 * PICTURE), 1000), (
        "small is what is small in its picture"
    )


def test_a_weak_face_among_sure_ones_of_its_size_is_sure_too() -> None:
    others = [(at(100 * step), SURE) for step in range(1, 4)]
    newcomer = (at(100, 250), WEAK)
    assert is_covered(
        tracker(answer(1000, *others), answer(1100, *others, newcomer)), 1100, newcomer[0]
    )
    larger = [(at(100 * step, size=80), SURE) for step in range(1, 4)]
    assert not is_covered(
        tracker(answer(1000, *larger), answer(1100, *larger, newcomer)), 1100, newcomer[0]
    )
    long_gone = [answer(1000, *others), answer(2000), answer(2100, newcomer)]
    assert not is_covered(tracker(*long_gone), 2100, newcomer[0])


def test_faces_of_the_scene_before_are_no_company() -> None:
    newcomer = at(100, 250)
    fed = tracker(answer(1000, *((at(100 * step), SURE) for step in range(1, 4))))
    fed.cut(1050 * MILLISECOND)
    fed.feed(answer(1100, (newcomer, WEAK)))
    assert not is_covered(fed, 1100, newcomer)


def test_faces_that_are_sure_by_evidence_alone_are_no_company() -> None:
    others = [(at(100 * step), 0.25) for step in range(1, 4)]
    newcomer = (at(100, 250), WEAK)
    seen = [answer(1000 + 100 * step, *others) for step in range(6)]
    fed = tracker(*seen, answer(1600, *others, newcomer))
    assert is_covered(fed, 1600, others[0][0])
    assert not is_covered(fed, 1600, newcomer[0])


def test_what_is_taken_for_a_face_now_and_then_is_none() -> None:
    seen = [0.25 if step % 9 == 0 else 0.0 for step in range(82)]
    assert not boxes(watched(*seen), 1000 + 81 * 100)


def test_to_look_more_often_is_no_more_evidence() -> None:
    assert boxes(watched(*[0.25] * 3), 1200)
    assert not boxes(watched(*[0.25] * 3, gap=33), 1066)


def test_to_look_less_often_leaves_no_face_uncovered_that_more_answers_would_add_up_to() -> None:
    often, seldom = watched(*[0.25] * 4), watched(*[0.25] * 2, gap=200)
    assert boxes(often, 1200)
    assert boxes(seldom, 1200)


def test_what_counts_by_the_track_that_covers_there_already_does_not_reach_back() -> None:
    seen = [answer(1000 + 100 * step, (at(100), SURE)) for step in range(4)]
    for score, reaches_back in ((WEAK, False), (SURE, True)):
        fed = tracker(answer(500), *seen, answer(1400, (at(100), SURE), (at(120), score)))
        assert is_covered(fed, 1400, at(120))
        assert is_covered(fed, 1350, at(120)) is reaches_back


def test_the_less_evidence_the_shorter_a_face_is_held() -> None:
    fed = tracker(
        answer(1000, (at(100), SURE)), answer(1100, (at(100), SURE), (at(120), 0.2)), answer(1200)
    )
    assert is_covered(fed, 2000, at(100)), "one that was sure for its whole time"
    assert is_covered(fed, 1150, at(120)), "between two answers all are held"
    assert not any(box[2] > 150 for box in boxes(fed, 2050))


@pytest.mark.parametrize("sure", [0, 5, 9])
def test_low_detections_count_with_a_high_one_earlier_or_later(sure: int) -> None:
    scores = [SURE if step == sure else WEAK for step in range(10)]
    fed = tracker(
        *(
            answer(1000 + 100 * step, (at(100 + 4 * step), score))
            for step, score in enumerate(scores)
        )
    )
    assert all(is_covered(fed, 1000 + 100 * step, at(100 + 4 * step)) for step in range(10))


def test_what_scores_below_the_keep_threshold_counts_for_nothing() -> None:
    low = [answer(1000 + 100 * step, (at(100), NOTHING)) for step in range(1, 15)]
    fed = tracker(answer(1000, (at(100), SURE)), *low)
    assert not boxes(fed, 2100)


def test_scores_at_the_thresholds_count() -> None:
    fed = tracker(answer(1000, (at(100), 0.5)), answer(1900, (at(100), float(np.float32(0.2)))))
    assert is_covered(fed, 2500, at(100))


@pytest.mark.parametrize("threshold", [0.7, 0.9, 0.95])
def test_a_score_of_exactly_the_threshold_reaches_it_as_the_detector_stores_it(
    threshold: float,
) -> None:
    settings = CoverageSettings(start_threshold=threshold, keep_threshold=threshold)
    assert is_covered(tracker(answer(1000, (at(100), threshold)), settings=settings), 1000, at(100))


def test_two_faces_that_are_always_apart_have_two_keys_which_they_keep() -> None:
    answers = [
        answer(1000 + 66 * step, (at(50 + step), SURE), (at(200 - step), SURE))
        for step in range(10)
    ]
    fed = tracker(*answers)
    keys = [
        {cover.key: cover.box for cover in fed.coverage((1000 + 66 * step) * MILLISECOND)}
        for step in range(10)
    ]
    assert len(keys[0]) == 2
    assert all(key.keys() == keys[0].keys() for key in keys)
    assert all(holds(key["track 1"], at(50 + step)) for step, key in enumerate(keys))


def dash(moment: int) -> Box:
    """A face that a fast pan takes on by two of its widths from one answer to the next, 100 ms
    later."""
    return at(50 + 0.8 * (moment - 1000))


def test_a_face_too_fast_to_overlap_itself_is_covered_between_two_answers() -> None:
    fed = tracker(answer(900), answer(1000, (dash(1000), SURE)), answer(1100, (dash(1100), SURE)))
    assert all(is_covered(fed, moment, dash(moment)) for moment in range(1000, 1101, 10))


def test_a_face_too_fast_to_overlap_itself_is_covered_on_its_way_in() -> None:
    fed = tracker(
        answer(900), *(answer(moment, (dash(moment), SURE)) for moment in (1000, 1100, 1200))
    )
    assert all(is_covered(fed, moment, dash(moment)) for moment in range(900, 1000, 10))


def test_a_weak_detection_of_a_fast_face_counts_with_a_sure_one_after_it() -> None:
    faces = [
        answer(moment, (dash(moment), score))
        for moment, score in ((1000, SURE), (1100, WEAK), (1200, SURE))
    ]
    fed = tracker(*faces)
    assert all(is_covered(fed, moment, dash(moment)) for moment in range(1000, 1201, 10))


def test_low_detections_of_a_fast_face_add_up_though_each_may_be_another_one() -> None:
    fed = tracker(*(answer(moment, (dash(moment), 0.4)) for moment in (1000, 1100)))
    assert is_covered(fed, 1100, dash(1100))
    assert not boxes(tracker(answer(1000, (at(50), 0.4)), answer(1100, (at(400), 0.4))), 1100)


def test_a_fast_face_that_the_border_cuts_to_half_on_its_way_out_is_covered_to_the_last() -> None:
    half = (0.0, 100.0, 20.0, 140.0)
    leaving = answer(1100, (half, WEAK))
    assert is_covered(tracker(answer(1000, (at(60), SURE)), leaving), 1100, half)
    assert not is_covered(tracker(answer(1000), leaving), 1100, half), "alone it is weak"


def test_a_face_from_which_a_fast_one_may_have_come_stays_covered() -> None:
    fed = tracker(answer(1000, (dash(1000), SURE)), answer(1100, (dash(1100), SURE)))
    assert is_covered(fed, 1900, dash(1000))


def test_a_face_of_another_size_or_far_away_is_another_face() -> None:
    for other in (at(130, size=80), at(400)):
        fed = tracker(answer(1000, (at(50), SURE)), answer(1100, (other, SURE)))
        assert not any(holds(box, at(90)) for box in boxes(fed, 1050))


def test_nothing_is_too_fast_to_be_followed_over_a_cut() -> None:
    fed = Tracker(SETTINGS)
    fed.feed(answer(1000, (dash(1000), SURE)))
    fed.cut(1050 * MILLISECOND)
    fed.feed(answer(1100, (dash(1100), SURE)))
    assert not is_covered(fed, 1040, dash(1040))


@pytest.mark.parametrize("gap", [200, 300])
def test_a_detector_slower_than_the_camera_covers_every_frame_of_a_moving_face(gap: int) -> None:
    def face(moment: int) -> Box:
        return at(50 + moment * 0.06)

    fed = Tracker(SETTINGS)
    shown = 0
    for moment in range(1000, 5000, gap):
        fed.feed(answer(moment, (face(moment), SURE)))
        # A frame leaves when its look-ahead expires.
        for shown in range(max(shown, 1000), moment - 500, 33):  # noqa: B020 - goes on where it was
            assert is_covered(fed, shown, face(shown))
            fed.forget(shown * MILLISECOND)
    assert shown > 4000


def test_nothing_reaches_back_over_a_scene_cut() -> None:
    fed = tracker(answer(1000), answer(1900))
    fed.cut(1950 * MILLISECOND)
    fed.feed(answer(2000, (at(100), SURE)))
    assert is_covered(fed, 1950, at(100))
    assert not boxes(fed, 1949)


def test_nothing_is_interpolated_over_a_scene_cut_but_held() -> None:
    fed = tracker(answer(1000, (at(100), SURE)))
    fed.cut(1300 * MILLISECOND)
    fed.feed(answer(1600, (at(120), SURE)))
    keys = {cover.key for cover in fed.coverage(1450 * MILLISECOND)}
    assert len(keys) == 2
    assert is_covered(fed, 1290, at(100))
    assert not is_covered(fed, 1290, at(120))
    assert is_covered(fed, 1990, at(100))


def replacement(cut: int, *, since: int = 0, same: bool = False) -> Replacement:
    """A scene that has gone for good with the cut, in milliseconds; the next one looks like it, or
    not."""
    before, after = np.random.default_rng(0).uniform(0, 255, (2, 60, 100)).astype(np.float32)
    moments = since * MILLISECOND, cut * MILLISECOND
    return Replacement(*moments, Cells(before, 8), Cells(before if same else after, 8))


def over_a_cut(gone: Replacement | None) -> Tracker:
    """A tracker that has lost a face at a cut, and been told later that the scene has gone."""
    fed = tracker(answer(1000, (at(100), SURE)), answer(1090, (at(100), SURE)))
    fed.cut(1100 * MILLISECOND)
    for step in range(1, 5):
        fed.feed(answer(1000 + 100 * step))
    if gone is not None:
        fed.leave(gone)
    return fed


def test_what_was_seen_before_a_cut_is_not_held_in_a_scene_that_shows_something_else_there() -> (
    None
):
    fed = over_a_cut(replacement(1100))
    assert is_covered(fed, 1099, at(100))
    assert not boxes(fed, 1100)


def test_what_was_seen_before_a_cut_is_held_for_its_time_where_it_may_still_be() -> None:
    for gone in (None, replacement(1100, same=True), replacement(1100, since=1095)):
        fed = over_a_cut(gone)
        assert all(is_covered(fed, moment, at(100)) for moment in range(1100, 2091, 33))


def test_a_face_after_the_cut_is_covered_though_the_scene_before_has_gone() -> None:
    fed = over_a_cut(replacement(1100))
    fed.feed(answer(1500, (at(100), SURE)))
    assert all(is_covered(fed, moment, at(100)) for moment in range(1100, 2500, 33))


def test_a_cut_that_is_told_before_the_answers_to_frames_before_it_does_not_part_them() -> None:
    fed = tracker(answer(1000, (at(100), SURE)))
    fed.cut(1500 * MILLISECOND)
    fed.cut(1600 * MILLISECOND)
    fed.feed(answer(1200, (at(104), WEAK)))
    fed.feed(answer(1400, (at(108), WEAK)))
    fed.feed(answer(1550, (at(200, 10), SURE)))
    assert is_covered(fed, 1200, at(104))
    assert is_covered(fed, 1300, at(106))
    assert is_covered(fed, 1500, at(200, 10))
    assert not is_covered(fed, 1499, at(200, 10))


def test_a_weak_face_where_another_is_held_over_a_cut_counts() -> None:
    fed = tracker(answer(1000, (at(100), SURE)))
    fed.cut(1100 * MILLISECOND)
    fed.feed(answer(1200, (at(120), WEAK)))
    assert is_covered(fed, 1200, at(120))


def test_a_weak_face_between_where_another_was_and_where_it_is_expected_counts() -> None:
    fast = [answer(1000 + 100 * step, (at(100 + 24 * step), SURE)) for step in range(4)]
    fed = tracker(*fast, answer(1400), answer(1500))
    between = at(206, 98, 44)
    assert any(overlap(box, between) >= LEAST_OVERLAP for box in boxes(fed, 1600))
    fed.feed(answer(1600, (between, WEAK)))
    assert is_covered(fed, 1600, between)


def test_other_settings_count_from_the_next_answer_on() -> None:
    fed = tracker(answer(1000, (at(100), 0.25)))
    fed.configure(CoverageSettings(start_threshold=0.25, keep_threshold=0.2))
    fed.feed(answer(1100, (at(300), WEAK)))
    assert is_covered(fed, 1100, at(300))
    assert not is_covered(fed, 1100, at(100))


def test_memory_is_bounded_over_a_long_run() -> None:
    random = np.random.default_rng(0)
    fed, sizes = Tracker(SETTINGS), []
    for step in range(1500):
        moment = 1000 + 66 * step
        # One face that never goes, others that come and go, cuts.
        others = [
            (at(*random.integers(0, 1000, 2).tolist()), float(random.random())) for _ in range(4)
        ]
        if step % 50 == 0:
            fed.cut(moment * MILLISECOND)
        fed.feed(answer(moment, (at(100), SURE), *others))
        fed.forget((moment - 500) * MILLISECOND)
        if step % 10 == 0:
            sizes.append(len(pickle.dumps(fed)))
    assert max(sizes[100:]) < 1.3 * max(sizes[10:50])
    assert max(sizes) < 60_000


def crowd(count: int, shift: float = 0.0) -> list[tuple[Box, float]]:
    """Faces side by side, none of which overlaps one of another shift."""
    return [
        (at(100.0 * (number % 40) + shift, 100.0 * (number // 40), 20), SURE)
        for number in range(count)
    ]


def test_four_hundred_faces_are_all_covered() -> None:
    fed = tracker(*(answer(moment, *crowd(400, moment / 100)) for moment in range(1000, 2000, 100)))
    assert all(is_covered(fed, 1500, box) for box, _ in crowd(400, 15))


def test_more_detections_than_there_can_be_faces_are_not_taken_in_and_cost_nothing_that_was() -> (
    None
):
    fed = tracker(answer(1000, (at(-500), SURE)))
    assert fed.feed(answer(1100, *crowd(MOST_FACES)))
    assert not fed.feed(answer(1200, *crowd(MOST_FACES + 1, 50)))
    assert is_covered(fed, 1100, at(-500))
    assert not is_covered(fed, 1200, crowd(1, 50)[0][0])


def test_weak_detections_below_the_keep_threshold_are_no_crowd() -> None:
    faint = [(box, NOTHING) for box, _ in crowd(MOST_FACES + 1)]
    assert tracker().feed(answer(1000, *faint))


def test_tracks_stay_bounded_though_every_answer_begins_new_ones() -> None:
    fed, taken = tracker(), []
    for step in range(60):
        moment = 1000 + 100 * step
        # Noise: none of it where any was before.
        taken.append(fed.feed(answer(moment, *crowd(400, 2000.0 * step))))
        fed.forget((moment - 500) * MILLISECOND)
        assert len(fed._tracks) <= MOST_TRACKS
    assert True in taken
    assert False in taken
    assert fed.feed(answer(9000, (at(100), SURE)))
