import numpy as np
import pytest
from numpy.typing import NDArray

from anoncam.frames.boxes import Box
from anoncam.frames.frame import Frame, tight
from anoncam.motion.cells import Cells, take_cells
from anoncam.motion.scene_cuts import LASTING, Replacement, SceneCuts
from tests.support.covering import noisy

Luma = NDArray[np.float64]

FRAME = 33_333_333
"""Nanoseconds from one picture to the next."""

LATER = LASTING // FRAME + 1
"""Pictures after a cut with which the scene before is replaced."""


def scene(seed: int, width: int = 2000) -> Luma:
    """A picture of soft shapes with much contrast, as scenes have them."""
    coarse = np.random.default_rng(seed).uniform(0, 255, (16, width // 20))
    return np.repeat(np.repeat(coarse, 20, axis=0), 20, axis=1)


def frame(luma: Luma) -> Frame:
    picture = noisy(tight(320, 240), 3, 0, 3)
    picture.luma[:] += np.clip(luma[:240, :320], 0, 250).astype(np.uint8)
    return picture


def cells(luma: Luma) -> Cells:
    return take_cells(frame(luma))


def cuts(pictures: list[Luma]) -> list[int]:
    watcher = SceneCuts()
    return [
        number
        for number, luma in enumerate(pictures)
        if watcher.watch(cells(luma), number * FRAME).begins
    ]


def gone(pictures: list[Luma]) -> list[tuple[int, int, int]]:
    """Of each replaced scene: the picture that reports it, its first, and the next one's first."""
    watcher = SceneCuts()
    scenes = [
        watcher.watch(cells(luma), number * FRAME).gone for number, luma in enumerate(pictures)
    ]
    return [
        (number, each.since // FRAME, each.timestamp // FRAME)
        for number, each in enumerate(scenes)
        if each is not None
    ]


def test_every_cut_is_found_where_it_is() -> None:
    pictures = [scene(number // 8) for number in range(40)]
    assert cuts(pictures) == [8, 16, 24, 32]


def test_cuts_between_moving_scenes_are_found() -> None:
    pictures = [scene(number // 10)[:, number % 10 * 3 :] for number in range(30)]
    assert cuts(pictures) == [10, 20]


def test_a_pan_is_no_cut() -> None:
    wide = scene(0)
    for speed in (2, 10, 40):
        assert cuts([wide[:, number * speed :] for number in range(30)]) == []


@pytest.mark.parametrize(("gain", "glare"), [(1.6, 40), (3, 0), (1, 250)])
def test_a_flash_is_no_cut(gain: float, glare: float) -> None:
    still = scene(0) * 0.6
    flash = still * gain + glare
    assert cuts([still] * 5 + [flash] + [still] * 5 + [flash] * 2 + [still] * 5) == []


def test_a_light_that_goes_out_and_on_is_no_cut() -> None:
    still = scene(0)
    assert cuts([still] * 5 + [still * 0.15] * 5 + [still] * 5) == []


def test_a_fade_is_no_cut() -> None:
    assert cuts([scene(0) * (1 - part) + scene(1) * part for part in np.linspace(0, 1, 12)]) == []


def test_a_first_picture_is_no_cut() -> None:
    assert cuts([scene(0)]) == []


def test_a_scene_is_replaced_once_it_has_stayed_away() -> None:
    assert gone([scene(0)] * 5 + [scene(1)] * LATER) == []
    pictures = [scene(0)] * 5 + [scene(1)] * 20 + [scene(2)] * 20
    assert gone(pictures) == [(5 + LATER, 0, 5), (25 + LATER, 5, 25)]


def test_a_scene_with_motion_is_replaced_too() -> None:
    pictures = [scene(number // 20)[:, number % 20 * 3 :] for number in range(40)]
    assert gone(pictures) == [(20 + LATER, 0, 20)]


@pytest.mark.parametrize("length", [1, 3, 8])
def test_neither_a_scene_that_comes_back_at_once_nor_what_interrupted_it_is_replaced(
    length: int,
) -> None:
    pictures = [scene(0)] * 5 + [scene(1)] * length + [scene(0)] * 30
    assert cuts(pictures)[:1] == [5]
    assert all(since > 0 for _, since, _ in gone(pictures)), "tracks from before the flash persist"


def test_a_scene_that_fades_back_in_is_not_replaced() -> None:
    back = [scene(1) * (1 - part) + scene(0) * part for part in np.linspace(0, 1, 9)]
    assert gone([scene(0)] * 5 + [scene(1)] * 2 + back + [scene(0)] * 30) == []


def test_cuts_that_follow_each_other_fast_replace_no_scene() -> None:
    pictures = [scene(number // 5) for number in range(40)]
    assert len(cuts(pictures)) == 7
    assert gone(pictures) == []


def replacement(before: Luma, after: Luma) -> Replacement:
    return Replacement(0, FRAME, cells(before), cells(after))


def at(x: float, y: float, size: float) -> Box:
    return x, y, x + size, y + size


BOXES = [
    at(100, 100, 12),
    at(100, 100, 60),
    at(-20, -20, 50),
    at(250, 200, 100),
    at(0, 0, 320),
    at(400, 300, 40),
]


def textured(seed: int) -> Luma:
    """Shapes with finer ones in them."""
    return 0.5 * scene(seed) + np.random.default_rng(seed + 100).uniform(0, 120, (80, 500)).repeat(
        4, 0
    ).repeat(4, 1)


@pytest.mark.parametrize("box", BOXES)
def test_a_cut_replaces_what_is_in_a_box(box: Box) -> None:
    assert replacement(textured(0), textured(1)).replaces(box)


@pytest.mark.parametrize("box", BOXES)
def test_nothing_is_replaced_where_the_picture_stays_though_light_and_place_change_a_little(
    box: Box,
) -> None:
    slope = np.linspace(0.3, 1, 320)
    assert not replacement(textured(0), textured(0)[:240, 3:323] * slope).replaces(box)


@pytest.mark.parametrize("box", BOXES)
def test_a_flat_picture_replaces_nothing_and_is_not_replaced(box: Box) -> None:
    flat = np.full((240, 320), 90.0)
    assert not replacement(textured(0), flat).replaces(box)
    assert not replacement(flat, textured(0)).replaces(box)


def test_only_what_is_around_somebody_who_stays_is_replaced() -> None:
    before, after = textured(0), textured(1)
    after[60:180, 100:220] = before[60:180, 100:220]
    assert not replacement(before, after).replaces(at(130, 90, 60))
    assert replacement(before, after).replaces(at(250, 20, 60))
