import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from anoncam.anonymizer.grid import lay_grid
from anoncam.anonymizer.surroundings import look_around
from anoncam.anonymizer.visible import visible_blocks
from anoncam.anonymizer.zones import rasterise
from anoncam.frames.boxes import Box
from anoncam.frames.frame import FrameFormat, tight
from tests.support.covering import boxes, formats, noisy, planes
from tests.support.frames import blank


@given(formats(), boxes(90))
def test_blocks_are_visible_exactly_where_no_square_lies(picture: FrameFormat, box: Box) -> None:
    grid = lay_grid(box, 5, picture)
    if grid is None:
        return
    visible = visible_blocks(picture, [(grid, None)])
    assert visible.shape == planes(blank(picture))[1].shape
    columns, rows = np.arange(visible.shape[1]) * 2, np.arange(visible.shape[0]) * 2
    across = (columns >= grid.x_edges[0]) & (columns < grid.x_edges[-1])
    down = (rows >= grid.y_edges[0]) & (rows < grid.y_edges[-1])
    assert np.array_equal(visible, ~np.logical_and.outer(down, across))


def test_what_lies_beside_a_zone_in_its_bounding_box_is_visible() -> None:
    picture = tight(100, 100)
    zone = rasterise(((0.2, 0.2), (0.8, 0.2), (0.2, 0.8)), picture)
    grid = lay_grid(zone.box, 5, picture)
    assert grid is not None
    visible = visible_blocks(picture, [(grid, zone)])
    assert not visible[15, 15]
    assert visible[38, 38]


def test_each_side_is_the_mean_of_what_lies_beside_it() -> None:
    frame = blank(tight(200, 200))
    frame.luma[:80], frame.luma[120:] = 40, 220
    frame.luma[80:120, :80], frame.luma[80:120, 120:] = 90, 160
    grid = lay_grid((80, 80, 120, 120), 5, frame.format)
    assert grid is not None
    around = look_around(frame, [grid], visible_blocks(frame.format, [(grid, None)]))
    assert np.allclose(around.sides[0, :, 0], [90, 40, 160, 220], atol=20)
    assert [*around.seen] == [96, 24 * 24 - 4 * 4]


@pytest.mark.parametrize("count", [0, 1, 7])
def test_where_nothing_is_visible_all_is_grey(count: int) -> None:
    frame = noisy(tight(64, 48))
    grid = lay_grid((0, 0, 64, 48), 5, frame.format)
    assert grid is not None
    around = look_around(frame, [grid] * count, np.zeros((24, 32), bool))
    assert around.sides.shape == (count + 1, 4, 3)
    assert (around.sides == 128).all()
    assert not around.seen.any()


@given(st.integers(1, 60), st.integers(1, 60))
def test_pictures_of_any_size_can_be_sampled(width: int, height: int) -> None:
    frame = noisy(tight(2 * width, 2 * height), 0, 90, 90)
    around = look_around(frame, [], visible_blocks(frame.format, []))
    assert np.abs(around.sides - 90).max() <= 31
