"""How like the original is what no box covers."""

from pathlib import Path

import numpy as np
import pytest

from tests.archive.conftest import write_clip
from tools.bench.figures import Bench
from tools.bench.quality import Luma, outside, quality, similarity

NOTHING = np.zeros((48, 64), bool)


def picture() -> Luma:
    return np.random.default_rng(0).integers(16, 236, (48, 64), np.uint8)


def test_a_picture_is_wholly_like_itself() -> None:
    assert outside(similarity(picture(), picture()), NOTHING) == pytest.approx(np.ones(48))


def test_plain_pictures_differ_by_their_brightness_as_the_formula_says() -> None:
    dark, light = (np.full((8, 8), value, np.uint8) for value in (100, 110))
    constant = (0.01 * 255) ** 2
    expected = (2 * 100 * 110 + constant) / (100**2 + 110**2 + constant)
    assert similarity(dark, light)[0, 0] == pytest.approx(expected)


def test_noise_lowers_the_likeness_but_not_within_a_box() -> None:
    noisy = picture()
    noisy[9:20, 17:30] = np.random.default_rng(1).integers(16, 236, (11, 13), np.uint8)
    windows = similarity(picture(), noisy)
    box = NOTHING.copy()
    box[9:20, 17:30] = True
    assert outside(windows, NOTHING).min() < 0.5
    assert outside(windows, box) == pytest.approx(np.ones(48 - 4))


@pytest.mark.integration
def test_outside_the_boxes_the_output_is_as_like_the_clip_as_the_floor(tmp_path: Path) -> None:
    clip = write_clip(tmp_path / "clip.mp4", 3)
    figures = {each.name: each.value for each in quality(Bench(clip, tmp_path, 1, None))}
    ours = figures["anoncam anonymize: SSIM outside the boxes"]
    assert ours == pytest.approx(figures["floor: SSIM outside the boxes"], abs=2)
    assert ours is not None
    assert 80 < ours < 100
