import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from anoncam.frames.boxes import Box, between, grown, hull, moved, overlaps

number = st.integers(-50, 50).map(float)
some_boxes = st.tuples(number, number, st.integers(1, 60), st.integers(1, 60)).map(
    lambda box: (box[0], box[1], box[0] + box[2], box[1] + box[3])
)


@given(some_boxes, some_boxes)
def test_overlaps_are_counted_as_pixels_are(first: Box, second: Box) -> None:
    grids = np.zeros((2, 180, 180), bool)
    for grid, (left, top, right, bottom) in zip(grids, (first, second), strict=True):
        grid[int(top) + 60 : int(bottom) + 60, int(left) + 60 : int(right) + 60] = True
    expected = np.count_nonzero(grids.all(axis=0)) / np.count_nonzero(grids.any(axis=0))
    assert overlaps(np.array([first]), np.array([second]))[0, 0] == pytest.approx(expected)


@given(some_boxes, some_boxes)
def test_a_hull_contains_both(first: Box, second: Box) -> None:
    left, top, right, bottom = hull(first, second)
    assert (left, right) == (min(first[0], second[0]), max(first[2], second[2]))
    assert (top, bottom) == (min(first[1], second[1]), max(first[3], second[3]))


def test_boxes_move_and_grow() -> None:
    assert moved((0, 0, 10, 20), 1, -2) == (1, -2, 11, 18)
    assert grown((0, 0, 10, 20), 0.5) == (-5, -10, 15, 30)


def test_a_box_between_two_others_lies_where_the_part_puts_it() -> None:
    assert between((0, 0, 10, 10), (10, 20, 30, 40), 0) == (0, 0, 10, 10)
    assert between((0, 0, 10, 10), (10, 20, 30, 40), 1) == (10, 20, 30, 40)
    assert between((0, 0, 10, 10), (10, 20, 30, 40), 0.5) == (5, 10, 20, 25)
