from pathlib import Path

import numpy as np
import pytest
import skimage.data
from PIL import Image

from tools.leakrate.detail import LEAST_CELLS, Luma, leaking_cells, take_detail
from tools.leakrate.labels import Rectangle

FACE: Rectangle = (178, 65, 92, 114)
SIZES = [1.0, 0.5, 0.2]


def portrait(scale: float) -> tuple[Luma, Rectangle]:
    picture = Image.fromarray(skimage.data.astronaut()).convert("L")
    side = round(512 * scale)
    x, y, width, height = (value * side / 512 for value in FACE)
    return np.asarray(picture.resize((side, side), Image.Resampling.BOX)), (x, y, width, height)


def cells_after(before: Luma, after: Luma, face: Rectangle) -> int:
    return leaking_cells(take_detail(before, face), take_detail(after, face))


def covered(picture: Luma, face: Rectangle, part: float = 1.0) -> Luma:
    """The left `part` of the face is grey."""
    x, y, width, height = face
    after = picture.copy()
    after[int(y) : int(y + height) + 1, int(x) : int(x + width * part) + 1] = 128
    return after


@pytest.mark.parametrize("scale", SIZES)
def test_an_untouched_face_leaks_in_every_cell(scale: float) -> None:
    picture, face = portrait(scale)
    assert cells_after(picture, picture, face) == 9


@pytest.mark.parametrize("scale", SIZES)
def test_noise_darkness_and_compression_hide_no_face(scale: float) -> None:
    picture, face = portrait(scale)
    noise = np.random.default_rng(0).normal(0, 3, picture.shape)
    after = (0.7 * picture + noise).clip(0, 255).astype(np.uint8)
    assert cells_after(picture, after, face) >= LEAST_CELLS


@pytest.mark.parametrize("scale", SIZES)
def test_a_flat_box_over_a_face_leaves_nothing(scale: float) -> None:
    picture, face = portrait(scale)
    assert cells_after(picture, covered(picture, face), face) == 0


@pytest.mark.parametrize("scale", SIZES)
def test_squares_of_random_tones_leave_nothing(scale: float) -> None:
    picture, face = portrait(scale)
    x, y, width, height = (round(value) for value in face)
    tones = np.random.default_rng(0).integers(60, 200, (5, 5), np.uint8)
    after = picture.copy()
    after[y : y + height, x : x + width] = np.asarray(
        Image.fromarray(tones).resize((width, height), 0)
    )
    assert cells_after(picture, after, face) < LEAST_CELLS


def test_a_box_over_half_of_a_face_leaves_it_to_be_seen() -> None:
    picture, face = portrait(1.0)
    assert cells_after(picture, covered(picture, face, 0.5), face) >= LEAST_CELLS


def test_the_detail_of_a_heavy_blur_is_too_weak_to_be_seen() -> None:
    picture, face = portrait(1.0)
    small = Image.fromarray(picture).resize((24, 24), Image.Resampling.BOX)
    after = np.asarray(small.resize(picture.shape[::-1], Image.Resampling.BICUBIC))
    assert cells_after(picture, after, face) < LEAST_CELLS


def test_a_face_at_the_border_of_the_picture_is_compared_too(tmp_path: Path) -> None:
    picture, (x, y, width, height) = portrait(1.0)
    cut = picture[round(y) :, round(x) :]
    face = (0.0, 0.0, width, height)
    assert cells_after(cut, cut, face) == 9
    assert cells_after(cut, covered(cut, face), face) == 0
