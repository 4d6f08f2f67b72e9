"""Nothing under the squares matters: the output is a function of visible pixels and the secret."""

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from unittest.mock import patch

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anoncam.anonymizer.anonymizer import Anonymizer
from anoncam.anonymizer.grid import Grid
from anoncam.anonymizer.planes import paint
from anoncam.anonymizer.tones import Tones
from anoncam.anonymizer.zones import ZoneMask, rasterise
from anoncam.clock import NANOSECONDS
from anoncam.config.schema import AnonymizerSettings, Zone
from anoncam.frames.frame import Frame, FrameFormat, Layout, lay_out, tight
from anoncam.tracking.coverage import Coverage, CoverBox
from tests.support.covering import WHOLE, Mask, box_mask, boxes, copied, formats, noisy, planes

PROVED = ("private", "solid")
"""The fills that promise it."""


@dataclass(frozen=True)
class Shot:
    """One frame of a sequence: what is covered, when, and what lies where."""

    coverage: Coverage
    timestamp: int
    seed: int
    hidden: tuple[int, int]
    """Lowest and highest value of what the other sequence has under the squares."""


@st.composite
def zones(draw: st.DrawFn) -> tuple[Zone, ...]:
    """A triangle, or none."""
    x, y = draw(st.floats(0, 0.8)), draw(st.floats(0, 0.8))
    wide, high = draw(st.floats(0.05, 0.2)), draw(st.floats(0.05, 0.2))
    return draw(st.sampled_from(((), (((x, y), (x + wide, y), (x, y + high)),))))


@st.composite
def proved_settings(draw: st.DrawFn) -> AnonymizerSettings:
    margins = st.sampled_from((0, 0.25, 1.5))
    return AnonymizerSettings(
        fill=draw(st.sampled_from(PROVED)),
        rows=draw(st.integers(1, 7)),
        margin_side=draw(margins),
        margin_top=draw(margins),
        margin_bottom=draw(margins),
        zones=draw(zones()),
    )


@st.composite
def coverages(draw: st.DrawFn) -> Coverage:
    """Boxes of up to three tracks, now and then two of one track; rarely the veil."""
    if draw(st.integers(0, 4)) == 0:
        return WHOLE
    keys = st.sampled_from(("track 1", "track 2", "track 3"))
    covered = st.lists(st.builds(CoverBox, boxes(90), keys), max_size=4)
    return Coverage(tuple(draw(covered)))


@st.composite
def sequences(draw: st.DrawFn) -> list[Shot]:
    """Frames with growing timestamps, long pauses among them."""
    shots, timestamp = [], 0
    for _ in range(draw(st.integers(1, 5))):
        timestamp += draw(st.sampled_from((33_333_333, NANOSECONDS, 60 * NANOSECONDS)))
        low = draw(st.integers(0, 225))
        hidden = low, low + 30
        shots.append(Shot(draw(coverages()), timestamp, draw(st.integers(0, 9)), hidden))
    return shots


def under_squares(coverage: Coverage, given: AnonymizerSettings, picture: FrameFormat) -> Mask:
    """The samples of the buffer that are covered, from the definition; the padding counts too."""
    seen = lay_out(np.zeros((picture.rows, picture.stride), np.uint8), picture)
    for plane in (seen.luma, *seen.chroma):
        plane[:] = 1
    if coverage.veil:
        return np.ones_like(seen.buffer, bool)
    mask: Mask = seen.buffer == 0
    for cover in coverage.boxes:
        mask |= box_mask(cover.box, given, picture)
    for zone in given.zones:
        mask |= zone_mask(zone, picture)
    return mask


def zone_mask(zone: Zone, picture: FrameFormat) -> Mask:
    """The samples of the buffer that a zone covers."""
    raster = rasterise(zone, picture)
    left, top = int(raster.box[0]), int(raster.box[1])
    height, width = raster.blocks.shape
    marks = lay_out(np.zeros((picture.rows, picture.stride), np.uint8), picture)
    luma = marks.luma[top : top + 2 * height, left : left + 2 * width]
    luma[:] = raster.samples
    for plane in marks.chroma:
        part = plane[top // 2 : top // 2 + height, left // 2 : left // 2 + width]
        part[:] = raster.blocks if plane.ndim == 2 else raster.blocks[..., None]
    mask: Mask = marks.buffer.astype(bool)
    return mask


def shoot(
    shots: list[Shot], given: AnonymizerSettings, picture: FrameFormat, failing: int = -1
) -> list[list[Frame]]:
    """What becomes of the sequence, and of one that differs only under the squares.

    Painting fails in the frame of the number `failing`.
    """
    anonymizers = [Anonymizer(given, b"secret") for _ in range(2)]
    results: list[list[Frame]] = []
    for number, shot in enumerate(shots):
        first = noisy(picture, shot.seed)
        second = copied(first)
        covered = WHOLE if number == failing else shot.coverage
        mask = under_squares(covered, given, picture)
        other = noisy(picture, shot.seed + 100, *shot.hidden)
        second.buffer[mask] = other.buffer[mask]
        for frame, anonymizer in zip((first, second), anonymizers, strict=True):
            frame.timestamp = shot.timestamp
            with failure() if number == failing else nullcontext():
                made = anonymizer.apply(frame, shot.coverage)
            assert bool(made.veil) == bool(covered.veil)
        results.append([first, second])
    return results


@contextmanager
def failure() -> Iterator[None]:
    """Let the first call that paints squares fail after it has painted."""
    calls = iter((True,))

    def fail(frame: Frame, grid: Grid, fill: Tones, zone: ZoneMask | None) -> None:
        paint(frame, grid, fill, zone)
        if next(calls, False):
            raise OSError("broken on purpose")

    with patch("anoncam.anonymizer.anonymizer.paint", fail):
        yield


def assert_identical(results: list[list[Frame]]) -> None:
    for first, second in results:
        for one, other in zip(planes(first), planes(second), strict=True):
            assert np.array_equal(one, other)


@settings(max_examples=300)
@given(formats(), sequences(), proved_settings())
def test_what_lies_under_the_squares_changes_no_sample_of_any_frame(
    picture: FrameFormat, shots: list[Shot], given: AnonymizerSettings
) -> None:
    assert_identical(shoot(shots, given, picture))


@settings(max_examples=100)
@given(formats(), sequences(), proved_settings(), st.integers(0, 4))
def test_a_frame_that_is_veiled_after_an_error_changes_no_later_one(
    picture: FrameFormat, shots: list[Shot], given: AnonymizerSettings, failing: int
) -> None:
    # A zone sees to it that there is always something to paint.
    given = given.model_copy(update={"zones": (((0, 0), (0.5, 0), (0, 0.5)),)})
    assert_identical(shoot(shots, given, picture, failing))


def test_with_mean_the_hidden_pixels_do_matter() -> None:
    shots = [Shot(Coverage((CoverBox((10, 10, 40, 40), "track 1"),)), 1, 1, (0, 30))]
    with pytest.raises(AssertionError):
        assert_identical(shoot(shots, AnonymizerSettings(fill="mean"), tight(64, 48)))


@pytest.mark.parametrize("fill", PROVED)
@pytest.mark.parametrize("layout", Layout)
def test_the_visible_pixels_do_matter(fill: str, layout: Layout) -> None:
    """The test above would pass for constant grey; the tones do come from the scene."""
    frames = [noisy(tight(64, 48, layout)) for _ in range(2)]
    for frame, value in zip(frames, (0, 255), strict=True):
        for plane in planes(frame):
            plane[:] = value
        box = CoverBox((20, 14, 44, 34), "track 1")
        settings = AnonymizerSettings.model_validate({"fill": fill})
        Anonymizer(settings, b"secret").apply(frame, Coverage((box,)))
    for dark, light in zip(*(planes(frame) for frame in frames), strict=True):
        assert light.mean() - dark.mean() > 200
