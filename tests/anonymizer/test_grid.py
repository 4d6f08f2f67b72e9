from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anoncam.anonymizer.grid import lay_grid
from anoncam.frames.boxes import Box
from anoncam.frames.frame import FrameFormat, tight
from tests.support.covering import boxes, formats


@given(boxes(), st.integers(1, 16), formats())
def test_edges_are_even_grow_and_stay_in_the_picture(
    box: Box, rows: int, picture: FrameFormat
) -> None:
    grid = lay_grid(box, rows, picture)
    if grid is None:
        assert box[2] <= 0 or box[3] <= 0 or box[0] >= picture.width or box[1] >= picture.height
        return
    for edges, limit in ((grid.x_edges, picture.width), (grid.y_edges, picture.height)):
        assert all(edge % 2 == 0 for edge in edges)
        assert all(first < second for first, second in pairwise(edges))
        assert edges[0] >= 0
        assert edges[-1] <= limit + limit % 2


@pytest.mark.parametrize("height", [14, 15, 24, 57, 300, 1079])
@pytest.mark.parametrize("rows", [1, 5, 7])
def test_a_box_fully_inside_has_its_rows_and_as_many_columns_as_its_width_needs(
    height: int, rows: int
) -> None:
    grid = lay_grid((2, 2, 2 + 2 * height, 2 + height), rows, tight(4000, 2000))
    assert grid is not None
    assert len(grid.y_edges) - 1 == rows
    assert 2 * rows - 1 <= len(grid.x_edges) - 1 <= 2 * rows + 1


def test_squares_are_counted_from_the_edge_of_the_box_even_outside_of_the_picture() -> None:
    grid = lay_grid((-30, -10, 20, 40), 5, tight(100, 100))
    assert grid is not None
    assert (grid.first_column, grid.first_row) == (3, 1)
    assert [*grid.x_edges] == [0, 10, 20]
    assert [*grid.y_edges] == [0, 10, 20, 30, 40]


@pytest.mark.parametrize(
    "box", [(-20, 0, 0, 10), (100, 0, 120, 10), (0, -9, 9, 0), (0, 100, 9, 101), (4, 4, 4, 9)]
)
def test_a_box_outside_of_the_picture_has_no_grid(box: Box) -> None:
    assert lay_grid(box, 5, tight(100, 100)) is None
