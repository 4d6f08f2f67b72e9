import numpy as np
import pytest
from covering import noisy
from numpy.typing import NDArray

from anoncam.coverage.scene import SceneCuts
from anoncam.frame import Frame, tight

Luma = NDArray[np.float64]


def scene(seed: int, width: int = 2000) -> Luma:
    """A picture of soft shapes with much contrast, as scenes have them."""
    coarse = np.random.default_rng(seed).uniform(0, 255, (16, width // 20))
    return np.repeat(np.repeat(coarse, 20, axis=0), 20, axis=1)


def frame(luma: Luma) -> Frame:
    picture = noisy(tight(320, 240), 3, 0, 3)
    picture.luma[:] += np.clip(luma[:240, :320], 0, 250).astype(np.uint8)
    return picture


def cuts(pictures: list[Luma]) -> list[int]:
    watcher = SceneCuts()
    return [number for number, luma in enumerate(pictures) if watcher.watch(frame(luma))]


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
