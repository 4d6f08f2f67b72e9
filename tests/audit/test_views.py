import numpy as np
import pytest

from anoncam.audit.views import OVERLAP, TILE, View, cut, lay_out_views, put_together
from anoncam.detectors.detector import Detections
from anoncam.frames.frame import Layout, tight
from anoncam.frames.pool import FramePool


def found(*rows: tuple[float, ...]) -> Detections:
    return np.array(rows, np.float32).reshape(-1, 5)


@pytest.mark.parametrize(
    ("width", "height"), [(1920, 1080), (1280, 720), (961, 545), (4000, 100), (481, 2000)]
)
def test_every_face_of_the_size_of_the_overlap_is_whole_in_some_tile(
    width: int, height: int
) -> None:
    whole, *tiles = lay_out_views(width, height)
    assert whole == View(0, 0, width, height)
    size = min(OVERLAP, width, height)
    for left in (0, (width - size) // 3, (width - size) // 2, width - size):
        for top in (0, (height - size) // 3, (height - size) // 2, height - size):
            assert any(
                tile.left <= left
                and tile.top <= top
                and left + size <= tile.left + tile.width
                and top + size <= tile.top + tile.height
                for tile in tiles
            )


@pytest.mark.parametrize(("width", "height"), [(1920, 1080), (961, 545), (481, 2000)])
def test_tiles_reach_to_the_borders_and_start_at_even_pixels(width: int, height: int) -> None:
    tiles = lay_out_views(width, height)[1:]
    assert max(tile.left + tile.width for tile in tiles) == width
    assert max(tile.top + tile.height for tile in tiles) == height
    assert all(tile.left % 2 == tile.top % 2 == 0 for tile in tiles)
    assert all(
        tile.left + tile.width <= width and tile.top + tile.height <= height for tile in tiles
    )


def test_a_small_picture_is_seen_as_a_whole_only() -> None:
    assert lay_out_views(TILE, TILE - 100) == [View(0, 0, TILE, TILE - 100)]


@pytest.mark.parametrize("layout", list(Layout))
def test_a_tile_holds_the_pixels_of_its_place(layout: Layout) -> None:
    frame = FramePool(tight(101, 80, layout), 1).acquire()
    assert frame is not None
    frame.buffer[:] = np.random.default_rng(0).integers(0, 256, frame.buffer.shape, np.uint8)
    part = cut(frame, View(20, 10, 41, 30))
    assert np.array_equal(part.luma, frame.luma[10:40, 20:61])
    for plane, whole in zip(part.chroma, frame.chroma, strict=True):
        assert np.array_equal(plane, whole[5:20, 10:31])


def test_a_face_in_two_views_is_one_detection_in_its_place() -> None:
    whole, tile = View(0, 0, 1000, 600), View(400, 100, TILE, TILE)
    face = found((500, 200, 40, 40, 0.5))
    same = found((101, 99, 40, 40, 0.8))
    together = put_together(iter([(whole, face), (tile, same)]), tight(1000, 600))
    assert together.tolist() == [pytest.approx([501, 199, 40, 40, 0.8])]


def test_a_detection_that_a_tile_cuts_off_is_left_to_the_other_views() -> None:
    tile = View(400, 100, TILE, TILE)
    cut_off = found((-5, 50, 40, 40, 0.9), (TILE - 10, 50, 40, 40, 0.9))
    assert len(put_together(iter([(tile, cut_off)]), tight(1000, 600))) == 0
    at_the_border = View(1000 - TILE, 0, TILE, TILE)
    assert (
        len(
            put_together(
                iter([(at_the_border, found((TILE - 10, -4, 40, 40, 0.9)))]), tight(1000, 600)
            )
        )
        == 1
    )
