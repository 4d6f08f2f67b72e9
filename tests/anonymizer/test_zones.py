import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from anoncam.anonymizer.anonymizer import Anonymizer
from anoncam.anonymizer.zones import rasterise
from anoncam.config.schema import AnonymizerSettings, Zone
from anoncam.frames.frame import Frame, FrameFormat, Layout, Picture, tight
from anoncam.tracking.coverage import Coverage
from tests.support.covering import ROTATIONS, copied, formats, noisy, upright, upright_size

RECTANGLE: Zone = ((0.25, 0.25), (0.75, 0.25), (0.75, 0.5), (0.25, 0.5))


def covered(zone: Zone, frame_format: FrameFormat) -> Picture:
    """Which samples a zone covers: 1 there, 0 elsewhere."""
    marks = noisy(frame_format)
    marks.buffer[:] = 0
    # A square may have the value of a sample under it, but not in every one of six pictures.
    for seed in range(6):
        before = noisy(frame_format, seed)
        after = copied(before)
        Anonymizer(AnonymizerSettings(zones=(zone,)), b"secret").apply(after, Coverage())
        marks.buffer[:] |= before.buffer != after.buffer
    return marks


def assert_covers(zone: Zone, points: NDArray[np.float64], frame_format: FrameFormat) -> None:
    """`points` has shape (n, 2) and is relative to the upright picture."""
    marks = covered(zone, frame_format)
    luma = upright(marks.luma, frame_format.rotation)
    width, height = upright_size(frame_format)
    columns = np.clip(points[:, 0] * width, 0, width - 1).astype(int)
    rows = np.clip(points[:, 1] * height, 0, height - 1).astype(int)
    assert luma[rows, columns].all()
    # Chroma is covered wherever luma is.
    wide = np.pad(marks.luma, ((0, frame_format.height % 2), (0, frame_format.width % 2)), "edge")
    blocks = wide.reshape(wide.shape[0] // 2, 2, wide.shape[1] // 2, 2).any(axis=(1, 3))
    for plane in marks.chroma:
        assert np.array_equal(plane.astype(bool).reshape(*blocks.shape, -1).all(axis=2), blocks)


def between(points: NDArray[np.float64], centre: NDArray[np.float64]) -> NDArray[np.float64]:
    """Many points on the outline and between it and the centre."""
    parts = np.linspace(0, 1, 200)[:, None]
    outline = np.concatenate(
        [a + parts * (b - a) for a, b in zip(points, np.roll(points, -1, axis=0), strict=True)]
    )
    return np.concatenate([centre + part * (outline - centre) for part in np.linspace(0, 1, 60)])


@st.composite
def stars(draw: st.DrawFn) -> tuple[Zone, NDArray[np.float64]]:
    """A polygon around a centre that sees all of it, often concave, and points in it."""
    count = draw(st.integers(3, 9))
    radius = st.floats(0.02, 1)
    centre = np.array([draw(st.floats(0.05, 0.95)), draw(st.floats(0.05, 0.95))])
    room = np.minimum(centre, 1 - centre)
    turn = draw(st.floats(0, 2 * math.pi))
    angles = turn + np.arange(count) * 2 * math.pi / count
    directions = np.stack((np.cos(angles), np.sin(angles)), axis=1)
    points = centre + room * directions * np.array([[draw(radius)] for _ in range(count)])
    return tuple((float(x), float(y)) for x, y in points), between(points, centre)


@st.composite
def slivers(draw: st.DrawFn) -> tuple[Zone, NDArray[np.float64]]:
    """A triangle far thinner than a pixel, and points in it."""
    place = st.floats(0.01, 0.99)
    start = np.array([draw(place), draw(place)])
    end = np.array([draw(place), draw(place)]) + np.array([0, 1e-4])
    points = np.array([start, end, end + np.array([1e-4, 1e-4])])
    return tuple((float(x), float(y)) for x, y in points), between(points, points.mean(axis=0))


@given(formats(), stars())
def test_every_pixel_that_a_polygon_touches_is_covered(
    frame_format: FrameFormat, star: tuple[Zone, NDArray[np.float64]]
) -> None:
    assert_covers(*star, frame_format)


@given(formats(), slivers())
def test_a_sliver_thinner_than_a_pixel_is_covered(
    frame_format: FrameFormat, sliver: tuple[Zone, NDArray[np.float64]]
) -> None:
    assert_covers(*sliver, frame_format)


@pytest.mark.parametrize("rotation", ROTATIONS)
@pytest.mark.parametrize("layout", Layout)
def test_a_zone_covers_its_rectangle_and_little_more(rotation: int, layout: Layout) -> None:
    picture = replace(tight(200, 120, layout), rotation=rotation)
    width, height = upright_size(picture)
    marks = upright(covered(RECTANGLE, picture).luma, rotation)
    rows, columns = np.nonzero(marks)
    left, right, top, bottom = 0.25 * width, 0.75 * width, 0.25 * height, 0.5 * height
    assert left - 5 <= columns.min() <= left
    assert right <= columns.max() + 1 <= right + 5
    assert top - 5 <= rows.min() <= top
    assert bottom <= rows.max() + 1 <= bottom + 5
    assert marks[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1].all()


def test_a_polygon_that_goes_around_twice_is_not_hollow() -> None:
    picture = tight(100, 80)
    assert covered(RECTANGLE * 2, picture).luma[20:40, 25:75].all()


def test_a_concave_polygon_leaves_its_bay_clear() -> None:
    bay: Zone = (
        (0.1, 0.1),
        (0.9, 0.1),
        (0.9, 0.9),
        (0.7, 0.9),
        (0.7, 0.3),
        (0.3, 0.3),
        (0.3, 0.9),
        (0.1, 0.9),
    )
    luma = covered(bay, tight(200, 200)).luma
    assert luma[20:60, 20:180].all()
    assert not luma[80:200, 80:120].any()


def test_a_zone_over_the_whole_picture_covers_all_of_a_picture_of_odd_size() -> None:
    marks = covered(((0, 0), (1, 0), (1, 1), (0, 1)), tight(63, 47))
    assert marks.luma.all()
    assert all(plane.all() for plane in marks.chroma)


def test_every_zone_has_tones_of_its_own() -> None:
    zones: tuple[Zone, ...] = tuple(
        ((x, 0.0), (x + 0.25, 0.0), (x + 0.25, 1.0), (x, 1.0)) for x in (0.0, 0.6)
    )
    frame = _grey()
    Anonymizer(AnonymizerSettings(zones=zones)).apply(frame, Coverage())
    assert len(np.unique(frame.luma)) > 10
    assert not np.array_equal(frame.luma[:, :40], frame.luma[:, 120:160])
    assert (frame.luma[:, 110:114] == 128).all()


def test_new_zones_and_a_new_format_take_effect_at_once() -> None:
    anonymizer = Anonymizer(AnonymizerSettings())
    anonymizer.apply(_grey(), Coverage())
    anonymizer.configure(AnonymizerSettings(zones=(RECTANGLE,)))
    frame, smaller = _grey(), _grey(tight(100, 50))
    anonymizer.apply(frame, Coverage())
    anonymizer.apply(smaller, Coverage())
    assert (frame.luma[25:50, 50:150] != 128).any()
    assert (smaller.luma[13:25, 25:75] != 128).any()


def test_zones_that_change_while_a_frame_is_covered_count_from_the_next_frame_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    anonymizer = Anonymizer(AnonymizerSettings(zones=(RECTANGLE,)))
    below: Zone = ((0.25, 0.75), (0.75, 0.75), (0.75, 1.0), (0.25, 1.0))

    def reload_meanwhile(zone: Zone, picture: FrameFormat) -> object:
        # A reload does this in another thread.
        anonymizer.configure(AnonymizerSettings(zones=(below,)))
        return rasterise(zone, picture)

    monkeypatch.setattr("anoncam.anonymizer.anonymizer.rasterise", reload_meanwhile)
    anonymizer.apply(_grey(), Coverage())
    frame = _grey()
    anonymizer.apply(frame, Coverage())
    assert (frame.luma[75:100, 50:150] != 128).any()


def _grey(frame_format: FrameFormat | None = None) -> Frame:
    frame = noisy(frame_format or tight(200, 100), 0, 128, 128)
    frame.buffer[:] = 128
    return frame
