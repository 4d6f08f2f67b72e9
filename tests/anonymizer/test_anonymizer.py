import tracemalloc
from dataclasses import replace
from typing import Any, cast

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from anoncam.anonymizer.anonymizer import Anonymizer
from anoncam.config.schema import AnonymizerSettings
from anoncam.events.event import Event
from anoncam.frames.boxes import Box
from anoncam.frames.frame import FrameFormat, tight
from anoncam.tracking.coverage import Coverage
from tests.support.covering import (
    BARE,
    FILLS,
    ROTATIONS,
    WHOLE,
    applied,
    box_mask,
    boxes,
    copied,
    cover,
    formats,
    in_buffer,
    noisy,
    settings,
    upright,
    upright_box,
    upright_size,
)
from tests.support.events import EventLog
from tests.support.frames import blank


@given(formats(), st.lists(boxes(), max_size=4), settings(), st.integers(0, 9))
def test_no_sample_outside_coverage_changes(
    frame_format: FrameFormat, given_boxes: list[Box], given_settings: AnonymizerSettings, seed: int
) -> None:
    before = noisy(frame_format, seed)
    after = applied(before, cover(*given_boxes), given_settings)
    inside = np.zeros(before.buffer.shape, bool)
    for box in given_boxes:
        inside |= box_mask(box, given_settings, frame_format)
    assert np.array_equal(after.buffer[~inside], before.buffer[~inside])


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
    after = applied(
        frame,
        cover(box),
        AnonymizerSettings(fill="solid", margin_side=0.25, margin_top=0.1, margin_bottom=0.1),
    )
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
    second = copied(first)
    second.luma[10:20] = 7
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
