import tracemalloc
from dataclasses import replace
from typing import Any, cast

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from anoncam.anonymizer.anonymizer import Anonymizer
from anoncam.anonymizer.grid import lay_grid, widen
from anoncam.anonymizer.tones import COARSE_CENTRES, COARSE_STEP, CoarseMeans
from anoncam.config.schema import AnonymizerSettings
from anoncam.events.event import Event
from anoncam.frames.boxes import Box
from anoncam.frames.frame import Frame, FrameFormat, Layout, tight
from anoncam.tracking.coverage import Coverage, CoverBox
from tests.support.covering import (
    ROTATIONS,
    Mask,
    boxes,
    copied,
    formats,
    in_buffer,
    noisy,
    planes,
    stored,
    touched,
    upright,
    upright_box,
    upright_size,
)
from tests.support.events import EventLog
from tests.support.frames import blank

BARE = AnonymizerSettings(margin_side=0, margin_top=0, margin_bottom=0)
WHOLE = Coverage(veil="tested")
FILLS = ("private", "mean", "solid")


@st.composite
def settings(draw: st.DrawFn) -> AnonymizerSettings:
    margins = st.sampled_from((0, 0.125, 0.25, 1.5))
    return AnonymizerSettings(
        fill=draw(st.sampled_from(FILLS)),
        rows=draw(st.integers(1, 16)),
        margin_side=draw(margins),
        margin_top=draw(margins),
        margin_bottom=draw(margins),
    )


def cover(*given_boxes: Box, key: str = "track 1") -> Coverage:
    return Coverage(tuple(CoverBox(box, key) for box in given_boxes))


def applied(frame: Frame, coverage: Coverage, given_settings: AnonymizerSettings = BARE) -> Frame:
    result = copied(frame)
    Anonymizer(given_settings, b"secret").apply(result, coverage)
    return result


def expected(box: Box, given_settings: AnonymizerSettings, frame_format: FrameFormat) -> Mask:
    """The samples to cover, from the definition: the box is widened in the upright picture."""
    left, top, right, bottom = upright_box(box, frame_format)
    side = given_settings.margin_side * (right - left)
    height = bottom - top
    wide = (
        left - side,
        top - given_settings.margin_top * height,
        right + side,
        bottom + given_settings.margin_bottom * height,
    )
    mask = touched(wide, *upright_size(frame_format))
    return in_buffer(stored(mask, frame_format.rotation), frame_format)


@given(formats(), st.lists(boxes(), max_size=4), settings(), st.integers(0, 9))
def test_no_sample_outside_coverage_changes(
    frame_format: FrameFormat, given_boxes: list[Box], given_settings: AnonymizerSettings, seed: int
) -> None:
    before = noisy(frame_format, seed)
    after = applied(before, cover(*given_boxes), given_settings)
    inside = np.zeros(before.buffer.shape, bool)
    for box in given_boxes:
        inside |= expected(box, given_settings, frame_format)
    assert np.array_equal(after.buffer[~inside], before.buffer[~inside])


@given(
    formats(),
    st.lists(boxes(), min_size=1, max_size=4),
    settings(),
    st.sampled_from(("private", "solid")),
)
def test_every_sample_inside_coverage_is_overwritten_with_what_tells_nothing_but_the_coarse_mean(
    frame_format: FrameFormat, given_boxes: list[Box], given_settings: AnonymizerSettings, fill: str
) -> None:
    # The pictures differ in every sample, and have the same coarse mean in every box.
    first, second = noisy(frame_format, 1, 87, 90), noisy(frame_format, 2, 92, 95)
    given_settings = given_settings.model_copy(update={"fill": fill})
    after = [applied(frame, cover(*given_boxes), given_settings) for frame in (first, second)]
    inside = np.logical_or.reduce(
        [expected(box, given_settings, frame_format) for box in given_boxes]
    )
    assert np.array_equal(after[0].buffer[inside], after[1].buffer[inside])


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


@given(formats(), st.sampled_from(FILLS))
def test_the_veil_covers_all_samples_of_all_planes(frame_format: FrameFormat, fill: str) -> None:
    first, second = noisy(frame_format, 1, 87, 90), noisy(frame_format, 2, 92, 95)
    given_settings = BARE.model_copy(update={"fill": fill})
    after = [applied(frame, WHOLE, given_settings) for frame in (first, second)]
    width, height = upright_size(frame_format)
    samples = in_buffer(
        np.ones((frame_format.height + 2, frame_format.width + 2), bool), frame_format
    )
    if fill != "mean":
        assert np.array_equal(after[0].buffer[samples], after[1].buffer[samples])
    for frame in after:
        assert len(np.unique(frame.luma)) <= 5 * (5 * width // height + 2)
        assert np.array_equal(
            frame.buffer[~samples], (first if frame is after[0] else second).buffer[~samples]
        )


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


@pytest.mark.parametrize("rotation", ROTATIONS)
def test_a_face_has_five_rows_in_the_upright_picture(rotation: int) -> None:
    picture = replace(tight(200, 200), rotation=rotation)
    frame = blank(picture)
    ramp = np.repeat(np.arange(200, dtype=np.uint8)[:, None], 200, axis=1)
    frame.luma[:] = np.rot90(ramp, rotation // 90)
    box = stored_box((60, 50, 110, 133), picture)
    after = applied(frame, cover(box), BARE.model_copy(update={"fill": "mean"}))
    line = upright(after.luma, rotation)[50:132, 80]
    assert len(np.unique(line)) == 5


def stored_box(box: Box, frame_format: FrameFormat) -> Box:
    turned = replace(
        frame_format,
        width=upright_size(frame_format)[0],
        height=upright_size(frame_format)[1],
        rotation=-frame_format.rotation % 360,
    )
    return upright_box(box, turned)


@pytest.mark.parametrize("rotation", ROTATIONS)
def test_a_face_is_widened_by_parts_of_its_width_and_height_in_the_upright_picture(
    rotation: int,
) -> None:
    picture = replace(tight(300, 260), rotation=rotation)
    frame = noisy(picture, high=100)
    box = stored_box((100, 80, 140, 140), picture)
    after = applied(frame, cover(box), AnonymizerSettings(fill="solid"))
    rows, columns = np.nonzero(upright(after.luma != frame.luma, rotation))
    assert (columns.min(), rows.min(), columns.max() + 1, rows.max() + 1) == (90, 74, 150, 146)


@given(st.integers(-45, 60), st.integers(-45, 60), st.sampled_from(ROTATIONS))
def test_squares_keep_their_tones_while_their_box_slides_over_the_border(
    x: int, y: int, rotation: int
) -> None:
    picture = replace(tight(160, 140), rotation=rotation)
    frame = blank(picture)
    inside = applied(frame, cover((40, 40, 90, 100))).luma[40:100, 40:90]
    slid = applied(frame, cover((2 * x, 2 * y, 2 * x + 50, 2 * y + 60))).luma
    top, left, bottom, right = (
        max(0, 2 * y),
        max(0, 2 * x),
        min(140, 2 * y + 60),
        min(160, 2 * x + 50),
    )
    if bottom > top and right > left:
        whole = inside[top - 2 * y : bottom - 2 * y, left - 2 * x : right - 2 * x]
        assert np.array_equal(slid[top:bottom, left:right], whole)


def test_a_key_keeps_its_tones_over_frames() -> None:
    anonymizer = Anonymizer(BARE)
    pictures = [noisy(tight(64, 64), seed, 100, 105) for seed in range(3)]
    for frame in pictures:
        anonymizer.apply(frame, cover((0, 0, 64, 64)))
    assert all(np.array_equal(frame.buffer, pictures[0].buffer) for frame in pictures)


@pytest.mark.parametrize("plane", range(3))
def test_a_mean_that_wavers_about_the_edge_of_two_levels_keeps_its_tones(plane: int) -> None:
    anonymizer = Anonymizer(BARE)
    edge = COARSE_CENTRES[plane] + COARSE_STEP // 2
    shown = []
    for wavering in (edge + 1, edge - 1, edge + 6, edge - 6, edge):
        frame = blank(tight(64, 64))
        planes(frame)[plane][:] = wavering
        anonymizer.apply(frame, cover((0, 0, 64, 64)))
        shown.append(frame.buffer)
    assert all(np.array_equal(buffer, shown[0]) for buffer in shown)


def test_a_face_that_comes_into_other_light_takes_its_tones() -> None:
    anonymizer = Anonymizer(BARE)
    lumas = []
    for light in (40, 200):
        frame = blank(tight(64, 64))
        frame.luma[:] = light
        anonymizer.apply(frame, cover((0, 0, 64, 64)))
        lumas.append(float(frame.luma.mean()))
    assert lumas[1] - lumas[0] > 100


def test_many_frames_of_a_key_tell_no_more_than_its_first_few() -> None:
    """What an attacker gets by averaging the tones of a mean that sensor noise moves about, less
    than a level apart."""
    random = np.random.default_rng(0)
    averages = []
    for mean in (COARSE_CENTRES[0] + 2, COARSE_CENTRES[0] + 14):
        anonymizer, tones = Anonymizer(BARE, b"secret"), []
        for _ in range(100):
            frame = blank(tight(64, 64))
            frame.luma[:] = np.clip(mean + random.normal(0, 3), 0, 255)
            anonymizer.apply(frame, cover((0, 0, 64, 64)))
            tones.append(float(frame.luma.mean()))
        averages.append(np.mean(tones))
    assert averages[0] == averages[1]


def test_what_is_remembered_of_keys_is_bounded() -> None:
    means = CoarseMeans()
    for number in range(5000):
        for plane in range(3):
            means.take(f"track {number}", plane, np.zeros((4, 4), np.uint8))
    assert len(means._levels) == 3 * 512


def test_different_keys_have_different_tones() -> None:
    frame = blank(tight(64, 64))
    one, other = (applied(frame, cover((0, 0, 64, 64), key=key)) for key in ("track 1", "track 2"))
    assert np.count_nonzero(one.luma != other.luma) > one.luma.size / 2


def test_tones_are_known_to_no_other_process() -> None:
    frames = [blank(tight(64, 64)) for _ in range(2)]
    for frame in frames:
        Anonymizer(BARE).apply(frame, cover((0, 0, 64, 64)))
    assert np.count_nonzero(frames[0].luma != frames[1].luma) > frames[0].luma.size / 2


def test_private_squares_vary_in_luma_and_in_both_chroma_planes() -> None:
    after = applied(blank(tight(160, 160)), cover((0, 0, 160, 160)))
    assert all(len(np.unique(plane)) > 5 for plane in planes(after))


@pytest.mark.parametrize("fill", FILLS)
@pytest.mark.parametrize("layout", Layout)
def test_squares_are_lighter_than_what_they_cover_and_keep_its_hue(
    fill: str, layout: Layout
) -> None:
    frame = blank(tight(200, 200, layout))
    for plane, value in zip(planes(frame), (104, 116, 140), strict=True):
        plane[:] = value
    after = applied(frame, cover((0, 0, 200, 200)), BARE.model_copy(update={"fill": fill}))
    luma, first, second = (float(plane.mean()) for plane in planes(after))
    assert 112 < luma < 138
    assert abs(first - 116) < 8
    assert abs(second - 140) < 8


def test_solid_is_flat() -> None:
    after = applied(
        noisy(tight(64, 64)), cover((0, 0, 64, 64)), BARE.model_copy(update={"fill": "solid"})
    )
    assert [len(np.unique(plane)) for plane in planes(after)] == [1, 1, 1]


@pytest.mark.parametrize("fill", FILLS)
def test_overlapping_boxes_leak_nothing_of_each_other(fill: str) -> None:
    first, second = noisy(tight(96, 96), 1, 87, 90), noisy(tight(96, 96), 2, 92, 95)
    coverage = cover((0, 0, 60, 60), (30, 30, 96, 96))
    after = [
        applied(frame, coverage, BARE.model_copy(update={"fill": fill}))
        for frame in (first, second)
    ]
    covered = after[0].luma[0:60, 0:60]
    assert len(np.unique(covered)) <= 50
    if fill != "mean":
        assert np.array_equal(covered, after[1].luma[0:60, 0:60])


IMPOSSIBLE = [
    (float("nan"), 10, 20, 30),
    (10, float("nan"), 20, 30),
    (10, 10, float("nan"), 30),
    (10, 10, 20, float("nan")),
    (float("-inf"), float("-inf"), float("inf"), float("inf")),
    (10, 10, float("inf"), 30),
    (30, 10, 20, 40),
    (10, 40, 30, 20),
]


@pytest.mark.parametrize("box", IMPOSSIBLE, ids=str)
@pytest.mark.parametrize("margin", [0.0, 0.25, 2.0])
def test_an_impossible_box_brings_the_veil(box: Box, margin: float) -> None:
    margins = BARE.model_copy(
        update={"margin_side": margin, "margin_top": margin, "margin_bottom": margin}
    )
    frame = noisy(tight(64, 48))
    after = applied(frame, cover((0, 0, 10, 10), box), margins)
    # One box was fine, and its tones may be in the veil's; the veil itself leaves no sample as it
    # was taken.
    first, second = (noisy(tight(64, 48), seed, low, low + 3) for seed, low in ((1, 87), (2, 92)))
    results = [applied(raw, cover((0, 0, 10, 10), box), margins) for raw in (first, second)]
    assert np.array_equal(results[0].buffer, results[1].buffer)
    assert np.array_equal(after.buffer, applied(frame, WHOLE, margins).buffer)


@pytest.mark.parametrize("size", [1e6, 1e9, 1e17, 1e300])
def test_a_gigantic_box_covers_the_whole_picture_and_needs_no_more_memory(size: float) -> None:
    first, second = noisy(tight(64, 48), 1, 87, 90), noisy(tight(64, 48), 2, 92, 95)
    tracemalloc.start()
    after = [applied(frame, cover((-size, -size, size, size))) for frame in (first, second)]
    after += [applied(frame, cover((-size, 10, size, 20))) for frame in (first, second)]
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert np.array_equal(after[0].buffer, after[1].buffer)
    assert np.array_equal(after[2].luma[10:20], after[3].luma[10:20])
    assert peak < 1_000_000


@pytest.mark.parametrize(
    "broken",
    [
        BARE.model_copy(update={"rows": 0}),
        BARE.model_copy(update={"rows": "five"}),
        BARE.model_copy(update={"margin_side": None}),
        BARE.model_copy(update={"zones": (None,)}),
        BARE.model_copy(update={"zones": (((0.1, float("nan")), (0.5, 0.5), (0.1, 0.5)),)}),
        None,
    ],
    ids=["no rows", "rows text", "no margin", "no zone", "zone nan", "no settings"],
)
@pytest.mark.parametrize("coverage", [cover((0, 0, 10, 10)), WHOLE], ids=["boxes", "veil"])
def test_broken_settings_bring_the_veil(broken: AnonymizerSettings, coverage: Coverage) -> None:
    first, second = noisy(tight(64, 48), 1, 87, 90), noisy(tight(64, 48), 2, 92, 95)
    after = [applied(frame, coverage, broken) for frame in (first, second)]
    assert np.array_equal(after[0].buffer, after[1].buffer)


def test_what_is_no_coverage_brings_the_veil() -> None:
    first, second = noisy(tight(64, 48), 1, 87, 90), noisy(tight(64, 48), 2, 92, 95)
    after = [applied(frame, cast(Any, None)) for frame in (first, second)]
    assert np.array_equal(after[0].buffer, after[1].buffer)


def test_a_run_of_failures_is_reported_by_one_event_at_its_begin_and_one_at_its_end(
    event_log: EventLog,
) -> None:
    anonymizer = Anonymizer(BARE)
    bad, good = cover((float("nan"), 0, 1, 1)), cover((0, 0, 10, 10))
    for coverage in (good, bad, bad, bad, good, good):
        anonymizer.apply(noisy(tight(64, 48)), coverage)
    (began,) = event_log.of(Event.VEIL_BEGAN)
    (ended,) = event_log.of(Event.VEIL_ENDED)
    assert "covering" in str(began["reason"])
    assert ended["frames"] == 3


def test_a_box_without_area_or_outside_of_the_picture_changes_nothing() -> None:
    frame = noisy(tight(64, 48))
    after = applied(
        frame, cover((64, 10, 90, 20), (-30, 10, 0, 20), (10, 48, 20, 60), (20, 20, 20, 20))
    )
    assert np.array_equal(after.buffer, frame.buffer)
