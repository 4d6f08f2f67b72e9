"""Snapped boxes have few sizes and places, contain what was to be covered, and keep still."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from anoncam.frames.boxes import Box
from anoncam.frames.frame import FrameFormat, tight
from anoncam.tracking.coverage import CoverBox
from anoncam.tracking.snapping import (
    ABOVE,
    BESIDE,
    SMALLEST,
    STEPS_HIGH,
    STEPS_WIDE,
    SnappedBox,
    Snapping,
    height_of,
    snap,
)
from tests.support.covering import ROTATIONS, boxes
from tests.support.tracking import contains

PICTURE = tight(640, 360)
HEIGHTS = [height_of(size) for size in range(40)]


@st.composite
def pictures(draw: st.DrawFn) -> FrameFormat:
    size = st.integers(2, 700)
    return replace(tight(draw(size), draw(size)), rotation=draw(st.sampled_from(ROTATIONS)))


@st.composite
def any_boxes(draw: st.DrawFn) -> Box:
    """Boxes of any edges, not only of those that are exact in binary."""
    place, length = st.floats(-900, 900), st.floats(0, 900)
    left, top = draw(place), draw(place)
    return left, top, left + draw(length), top + draw(length)


def faces(picture: FrameFormat, *boxes_in_turn: Box) -> list[Box]:
    """The snapped boxes of one track, one after the other."""
    snapping = Snapping()
    return [snapping.snap([CoverBox(box, "track 1")], picture)[0].box for box in boxes_in_turn]


@given(pictures(), st.lists(any_boxes() | boxes(700), min_size=1, max_size=4))
def test_a_snapped_box_contains_the_one_that_it_was_made_of(
    picture: FrameFormat, boxes_in_turn: list[Box]
) -> None:
    before: SnappedBox | None = None
    for box in boxes_in_turn:
        before = snap(box, picture, before)
        assert contains(before.box, box)


@given(pictures(), st.lists(any_boxes() | boxes(700), min_size=1, max_size=4))
def test_a_snapped_box_has_a_size_of_the_lattice_and_a_place_on_the_grid_of_that(
    picture: FrameFormat, boxes_in_turn: list[Box]
) -> None:
    for left, top, right, bottom in faces(picture, *boxes_in_turn):
        across, down = right - left, bottom - top
        if picture.rotation in (90, 270):
            across, down = down, across
        steps = [
            height / STEPS_HIGH
            for height in HEIGHTS
            for wide, high in (*BESIDE, *ABOVE)
            if (across, down) == (wide * STEPS_WIDE * height / STEPS_HIGH, high * height)
        ]
        assert any((left / step).is_integer() and (top / step).is_integer() for step in steps)


@given(pictures(), any_boxes())
def test_no_other_row_would_take_less_area(picture: FrameFormat, box: Box) -> None:
    shape = (STEPS_WIDE, STEPS_HIGH)
    wide, high = shape[::-1] if picture.rotation in (90, 270) else shape

    def area(row: tuple[int, int]) -> float:
        across, down = (box[2] - box[0]) / (row[0] * wide), (box[3] - box[1]) / (row[1] * high)
        return row[0] * row[1] * max(STEPS_HIGH * max(across, down), SMALLEST) ** 2

    assert area(snap(box, picture).row) == min(area(row) for row in (*BESIDE, *ABOVE))


@given(pictures(), st.lists(st.tuples(boxes(700), st.integers(1, 4)), min_size=1, max_size=8))
def test_whatever_is_to_be_covered_lies_in_a_snapped_box(
    picture: FrameFormat, given_boxes: list[tuple[Box, int]]
) -> None:
    snapping = Snapping()
    for frame in range(1, 5):
        covers = [
            CoverBox(box, f"track {number}")
            for number, (box, first) in enumerate(given_boxes)
            if first <= frame
        ]
        snapped = snapping.snap(covers, picture)
        assert all(any(contains(each.box, cover.box) for each in snapped) for cover in covers)


def test_sizes_grow_in_equal_proportions() -> None:
    assert HEIGHTS[0] == SMALLEST
    assert HEIGHTS[4::4] == [2 * height for height in HEIGHTS[:-4:4]]
    ratios = np.divide(HEIGHTS[13:], HEIGHTS[12:-1])
    assert ratios == pytest.approx(2**0.25, abs=0.01)


@given(boxes(700))
def test_a_box_is_no_larger_than_one_size_above_what_it_needs(box: Box) -> None:
    needed = max(box[3] - box[1], (box[2] - box[0]) * STEPS_HIGH / STEPS_WIDE, SMALLEST)
    assert snap(box, PICTURE).height <= 1.45 * needed


@given(st.integers(24, 200), st.integers(0, 2**32 - 1))
def test_the_box_of_a_still_face_does_not_change_while_its_detections_jitter(
    size: int, seed: int
) -> None:
    chance = np.random.default_rng(seed)
    jitter = 0.01 * size * chance.uniform(-1, 1, (50, 4))
    face = np.array([300, 100, 300 + 0.75 * size, 100 + size])
    # The first few detections may be the smallest ones of all.
    snapped = faces(
        PICTURE,
        tuple(face + (-0.01, -0.01, 0.01, 0.01) * np.array(size)),
        *(tuple(box) for box in (face + jitter).tolist()),
    )
    assert len(set(snapped)) == 1


def test_the_box_of_a_face_at_the_border_does_not_change_while_its_detections_jitter() -> None:
    jitter = np.random.default_rng(1).uniform(-0.5, 0.5, (50, 4))
    boxes_in_turn = np.array([0.3, 100, 60, 180]) + jitter
    snapped = faces(PICTURE, (-0.2, 99.5, 60.5, 180.5), *map(tuple, boxes_in_turn.tolist()))
    assert len(set(snapped)) == 1


def test_a_face_that_breathes_keeps_its_size_and_one_that_goes_away_shrinks() -> None:
    def face(height: float) -> Box:
        return 300, 100, 300 + 0.7 * height, 100 + height

    breathing = faces(PICTURE, *(face(height) for height in (100, 86, 100, 84, 97)))
    assert len({bottom - top for _, top, _, bottom in breathing}) == 1
    going = faces(PICTURE, *(face(height) for height in range(100, 20, -1)))
    heights = [bottom - top for _, top, _, bottom in going]
    assert heights == sorted(heights, reverse=True)
    assert len(set(heights)) == 9


@pytest.mark.parametrize("rotation", ROTATIONS)
@pytest.mark.parametrize("lies", [False, True])
def test_the_way_of_a_fast_face_is_covered_by_a_row_of_boxes_and_its_rest_by_one(
    rotation: int, lies: bool
) -> None:
    picture = replace(tight(2000, 2000), rotation=rotation)
    way, rest = ((300, 800, 750, 970), (500, 800, 640, 970))
    if lies:
        way, rest = (800, 300, 970, 750), (800, 500, 970, 640)
    first, second = faces(picture, way, rest)
    assert area(first) < 2.2 * area(way)
    assert area(second) < 2.2 * area(rest)


def area(box: Box) -> float:
    return (box[2] - box[0]) * (box[3] - box[1])


@pytest.mark.parametrize("side", [0, 1, 2, 3])
def test_at_the_border_a_box_lies_as_far_outside_as_it_can(side: int) -> None:
    box = [(0, 100, 30, 180), (100, 0, 180, 30), (610, 100, 640, 180), (100, 330, 180, 360)][side]
    snapped = snap(box, PICTURE)
    step = snapped.height / STEPS_HIGH
    inner = (side + 2) % 4
    assert abs(snapped.box[inner] - box[inner]) <= step


def test_of_two_boxes_on_one_face_only_the_larger_one_is_covered() -> None:
    inner, outer = (105.0, 104.0, 140.0, 140.0), (100.0, 102.0, 152.0, 161.0)
    covers = [CoverBox(inner, "track 1"), CoverBox(outer, "track 2")]
    [kept] = Snapping().snap(covers, PICTURE)
    assert kept == CoverBox(snap(outer, PICTURE).box, "track 2")


def test_of_two_equal_boxes_the_first_one_is_covered() -> None:
    box = (100.0, 100.0, 150.0, 160.0)
    covers = [CoverBox(box, "track 1"), CoverBox(box, "track 2")]
    assert [cover.key for cover in Snapping().snap(covers, PICTURE)] == ["track 1"]


def test_faces_side_by_side_are_both_covered() -> None:
    covers = [CoverBox((100, 100, 150, 160), "track 1"), CoverBox((140, 100, 190, 160), "track 2")]
    assert len(Snapping().snap(covers, PICTURE)) == 2


def test_a_track_begins_afresh_after_a_frame_without_it() -> None:
    large, small = (300.0, 100.0, 370.0, 200.0), (300.0, 100.0, 362.0, 188.0)
    snapping = Snapping()
    snapping.snap([CoverBox(large, "track 1")], PICTURE)
    snapping.snap([], PICTURE)
    [cover] = snapping.snap([CoverBox(small, "track 1")], PICTURE)
    assert cover.box == snap(small, PICTURE).box


def test_scores_and_reasons_stay() -> None:
    cover = CoverBox((100, 100, 150, 160), "track 1", 0.4)
    [snapped] = Snapping().snap([cover], PICTURE)
    assert (snapped.key, snapped.score, snapped.reason) == ("track 1", 0.4, cover.reason)
