"""What squares look like: their tones, and how these change over time."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from anoncam.anonymizer.anonymizer import Anonymizer
from anoncam.anonymizer.grid import lay_grid, widen
from anoncam.clock import NANOSECONDS
from anoncam.config.schema import AnonymizerSettings
from anoncam.frames.boxes import Box
from anoncam.frames.frame import Frame, FrameFormat, Layout, tight
from anoncam.tracking.coverage import Coverage, CoverBox
from tests.support.covering import (
    BARE,
    FILLS,
    WHOLE,
    applied,
    boxes,
    copied,
    cover,
    formats,
    noisy,
    planes,
    settings,
)
from tests.support.frames import blank

MIDDLE: Box = (70, 70, 130, 130)
SOLID = BARE.model_copy(update={"fill": "solid"})


def scene(y: int, u: int = 128, v: int = 128, layout: Layout = Layout.I420) -> Frame:
    """A picture of 200x200 in one colour."""
    frame = blank(tight(200, 200, layout))
    for plane, value in zip(planes(frame), (y, u, v), strict=True):
        plane[:] = value
    return frame


def inside(frame: Frame, box: Box = MIDDLE) -> list[float]:
    """The means of Y, U and V in a box."""
    left, top, right, bottom = (int(edge) for edge in box)
    y, u, v = planes(frame)
    half = slice(top // 2, bottom // 2), slice(left // 2, right // 2)
    return [float(y[top:bottom, left:right].mean()), float(u[half].mean()), float(v[half].mean())]


class Film:
    """Frames at 30 a second, covered by one anonymizer."""

    def __init__(self, given_settings: AnonymizerSettings = BARE) -> None:
        self.anonymizer = Anonymizer(given_settings, b"secret")
        self._timestamp = 0

    def show(self, frame: Frame, coverage: Coverage, seconds: float = 1 / 30) -> Frame:
        """What becomes of a copy of the frame, so many seconds after the last one."""
        shown = copied(frame)
        self._timestamp += round(seconds * NANOSECONDS)
        shown.timestamp = self._timestamp
        self.anonymizer.apply(shown, coverage)
        return shown


@pytest.mark.parametrize("fill", ["private", "solid"])
@pytest.mark.parametrize("layout", Layout)
@pytest.mark.parametrize("tone", [(104, 116, 140), (104, 160, 100), (60, 128, 128), (180, 90, 150)])
def test_squares_have_the_hue_of_what_is_around_them_and_are_slightly_lighter(
    fill: str, layout: Layout, tone: tuple[int, int, int]
) -> None:
    frame = scene(*tone, layout=layout)
    for plane, scale in zip(planes(frame), (1, 2, 2), strict=True):
        plane[70 // scale : 130 // scale, 70 // scale : 130 // scale] = 20
    luma, first, second = inside(
        applied(frame, cover(MIDDLE), BARE.model_copy(update={"fill": fill}))
    )
    assert tone[0] + 3 < luma < tone[0] + 25
    assert abs(first - tone[1]) < 4
    assert abs(second - tone[2]) < 4


@pytest.mark.parametrize("luma", [0, 16, 235, 255])
def test_squares_stay_near_black_and_white_in_scenes_that_are(luma: int) -> None:
    shown = applied(scene(luma), cover(MIDDLE)).luma[70:130, 70:130].astype(int)
    assert abs(shown - luma).max() < 16


def test_squares_pass_from_the_tones_at_one_side_to_those_at_the_other() -> None:
    frame = scene(60)
    frame.luma[:, 100:] = 180
    shown = applied(frame, cover(MIDDLE)).luma[70:130, 70:130]
    frame.luma[:] = np.rot90(frame.luma)
    turned = applied(frame, cover(MIDDLE)).luma[70:130, 70:130]
    assert shown[:, :24].mean() + 25 < shown[:, -24:].mean()
    assert turned[-24:].mean() + 25 < turned[:24].mean()


@pytest.mark.parametrize("box", [(0, 70, 60, 130), (140, 140, 200, 200), (-30, -30, 60, 60)])
def test_a_box_at_the_border_takes_the_tones_of_its_other_sides(box: Box) -> None:
    frame = scene(90)
    frame.luma[60:140, 60:140] = 200
    clipped = max(box[0], 0), max(box[1], 0), box[2], box[3]
    luma = inside(applied(frame, cover(box)), clipped)[0]
    assert 95 < luma < 190


def test_a_box_among_others_takes_the_tones_of_the_scene() -> None:
    around = [
        (float(x), float(y), x + 60.0, y + 60.0) for x in (10, 70, 130) for y in (10, 70, 130)
    ]
    shown = applied(scene(90, 110, 150), cover(*around))
    assert all(abs(inside(shown, box)[1] - 110) < 5 for box in around)
    assert all(abs(inside(shown, box)[2] - 150) < 5 for box in around)


def test_the_veil_is_grey_before_anything_was_visible_and_then_as_the_scene_was() -> None:
    film, dark = Film(SOLID), scene(40, 120, 136)
    first = film.show(dark, WHOLE)
    film.show(dark, cover(MIDDLE))
    later = [film.show(scene(200, 90, 90), WHOLE, 1.0) for _ in range(5)]
    assert inside(first)[1:] == [128, 128]
    assert all(abs(a - b) <= 10 for a, b in zip(inside(later[-1]), (40, 120, 136), strict=True))
    assert all(np.array_equal(frame.buffer, later[0].buffer) for frame in later)


def test_a_box_that_fills_the_picture_keeps_what_was_visible_around_it() -> None:
    film = Film(SOLID)
    before = film.show(scene(60, 100, 150), cover(MIDDLE))
    after = film.show(scene(200), cover((0, 0, 200, 200)))
    assert inside(before) == inside(after)


def test_sensor_noise_does_not_make_squares_flicker() -> None:
    random, film = np.random.default_rng(0), Film()
    shown = []
    for _ in range(60):
        frame = scene(0)
        frame.buffer[:] = np.clip(random.normal(100, 6, frame.buffer.shape), 0, 255)
        shown.append(film.show(frame, cover(MIDDLE)).luma[70:130, 70:130].astype(int))
    assert max(abs(after - before).max() for before, after in pairwise(shown)) <= 1


@pytest.mark.parametrize("layout", Layout)
def test_nothing_jumps_when_a_box_enters_passes_by_and_leaves(layout: Layout) -> None:
    frame = scene(70, 110, 140, layout)
    frame.luma[:, 135:] = 200
    film, shown = Film(), []
    for x in range(200, -100, -4):
        boxes_there = [CoverBox((float(x), 75.0, x + 55.0, 125.0), "track 2")] if x < 190 else []
        film_shows = film.show(frame, Coverage((*boxes_there, CoverBox(MIDDLE, "track 1"))))
        luma, *chroma = (plane.astype(int) for plane in planes(film_shows))
        shown.append([luma[70:130, 70:130], *(plane[35:65, 35:65] for plane in chroma)])
    changes = [
        abs(one - other).max()
        for before, after in pairwise(shown)
        for one, other in zip(before, after, strict=True)
    ]
    assert max(changes) <= 2


def test_a_change_of_light_is_followed_within_seconds_and_without_a_step() -> None:
    film = Film(SOLID)
    film.show(scene(60), cover(MIDDLE))
    lumas = [inside(film.show(scene(160), cover(MIDDLE)))[0] for _ in range(150)]
    assert all(0 <= after - before <= 5 for before, after in pairwise(lumas))
    assert lumas[-1] - lumas[0] > 90


@pytest.mark.parametrize("pause", [5.0, 3600.0])
def test_a_track_that_comes_back_after_a_pause_starts_afresh(pause: float) -> None:
    film = Film(SOLID)
    film.show(scene(60), cover(MIDDLE))
    later = film.show(scene(160), cover(MIDDLE), pause)
    assert np.array_equal(later.luma, applied(scene(160), cover(MIDDLE), SOLID).luma)


def test_footage_whose_time_goes_back_starts_afresh() -> None:
    film = Film(SOLID)
    film.show(scene(60), cover(MIDDLE))
    later = film.show(scene(160), cover(MIDDLE), seconds=-0.01)
    assert np.array_equal(later.luma, applied(scene(160), cover(MIDDLE), SOLID).luma)


def test_other_footage_starts_afresh() -> None:
    film = Film(SOLID)
    film.show(scene(60), cover(MIDDLE))
    film.anonymizer.begin()
    later = film.show(scene(160), cover(MIDDLE))
    assert np.array_equal(later.luma, applied(scene(160), cover(MIDDLE), SOLID).luma)


def test_the_order_of_boxes_that_do_not_overlap_changes_nothing() -> None:
    pair = [CoverBox((20, 20, 80, 80), "track 1"), CoverBox((90, 30, 150, 90), "track 2")]
    frame = noisy(tight(200, 200))
    one, other = (applied(frame, Coverage(tuple(order))) for order in (pair, pair[::-1]))
    assert np.array_equal(one.buffer, other.buffer)


def test_solid_is_flat() -> None:
    after = applied(
        noisy(tight(64, 64)), cover((0, 0, 64, 64)), BARE.model_copy(update={"fill": "solid"})
    )
    assert [len(np.unique(plane)) for plane in planes(after)] == [1, 1, 1]


def test_private_squares_vary_in_luma_and_in_both_chroma_planes() -> None:
    after = applied(blank(tight(160, 160)), cover((0, 0, 160, 160)))
    assert all(len(np.unique(plane)) > 5 for plane in planes(after))


def test_tones_are_known_to_no_other_process() -> None:
    frames = [blank(tight(64, 64)) for _ in range(2)]
    for frame in frames:
        Anonymizer(BARE).apply(frame, cover((0, 0, 64, 64)))
    assert np.count_nonzero(frames[0].luma != frames[1].luma) > frames[0].luma.size / 2


def test_different_keys_have_different_tones() -> None:
    frame = blank(tight(64, 64))
    one, other = (applied(frame, cover((0, 0, 64, 64), key=key)) for key in ("track 1", "track 2"))
    assert np.count_nonzero(one.luma != other.luma) > one.luma.size / 2


def test_a_key_keeps_its_tones_over_frames() -> None:
    anonymizer = Anonymizer(BARE)
    pictures = [noisy(tight(64, 64), seed, 100, 105) for seed in range(3)]
    for frame in pictures:
        anonymizer.apply(frame, cover((0, 0, 64, 64)))
    assert all(np.array_equal(frame.buffer, pictures[0].buffer) for frame in pictures)


@pytest.mark.parametrize("layout", Layout)
@pytest.mark.parametrize("fill", FILLS)
def test_each_square_is_of_one_tone(layout: Layout, fill: str) -> None:
    picture = tight(120, 90, layout)
    frame = applied(noisy(picture), cover((20, 10, 80, 70)), BARE.model_copy(update={"fill": fill}))
    for plane, scale in zip(planes(frame), (1, 2, 2), strict=True):
        squares = plane[10 // scale : 70 // scale, 20 // scale : 80 // scale]
        side = 12 // scale
        for top in range(0, squares.shape[0], side):
            for left in range(0, squares.shape[1], side):
                assert len(np.unique(squares[top : top + side, left : left + side])) == 1


@given(formats(), boxes(), settings(), st.integers(0, 9))
def test_with_mean_no_detail_finer_than_a_square_survives(
    frame_format: FrameFormat, box: Box, given_settings: AnonymizerSettings, seed: int
) -> None:
    given_settings = given_settings.model_copy(update={"fill": "mean"})
    first = noisy(frame_format, seed)
    second = copied(first)
    _shuffle_within_squares(second, box, given_settings, seed)
    after = [applied(frame, cover(box), given_settings) for frame in (first, second)]
    assert np.array_equal(after[0].buffer, after[1].buffer)


def _shuffle_within_squares(
    frame: Frame, box: Box, given_settings: AnonymizerSettings, seed: int
) -> None:
    grid = lay_grid(
        widen(box, given_settings, frame.format.rotation), given_settings.rows, frame.format
    )
    if grid is None:
        return
    random = np.random.default_rng(seed)
    for plane, scale in zip(planes(frame), (1, 2, 2), strict=True):
        for top, bottom in zip(grid.y_edges[:-1], grid.y_edges[1:], strict=True):
            for left, right in zip(grid.x_edges[:-1], grid.x_edges[1:], strict=True):
                square = plane[top // scale : bottom // scale, left // scale : right // scale]
                square[:] = random.permutation(square.ravel()).reshape(square.shape)
