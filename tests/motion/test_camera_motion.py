import numpy as np
import pytest
import skimage.data
from numpy.typing import NDArray
from PIL import Image

from anoncam.frames.frame import Picture, lay_out, tight
from anoncam.motion.camera_motion import STILL, CameraMotion, Motion
from anoncam.motion.cells import take_cells

WIDTH, HEIGHT = 640, 360
SCENE = Image.fromarray(np.tile(skimage.data.astronaut()[..., 1], (2, 3)))
GRAVEL = Image.fromarray(np.tile(skimage.data.gravel(), (2, 3)))


def view(
    left: float, top: float, zoom: float = 1.0, scene: Image.Image = SCENE
) -> NDArray[np.uint8]:
    box = (left, top, left + WIDTH / zoom, top + HEIGHT / zoom)
    return np.asarray(scene.resize((WIDTH, HEIGHT), Image.Resampling.BICUBIC, box=box))


def picture(luma: NDArray[np.uint8]) -> Picture:
    form = tight(luma.shape[1], luma.shape[0])
    made = lay_out(np.full((form.rows, form.stride), 128, np.uint8), form)
    made.luma[:] = luma
    return made


def motion(*lumas: NDArray[np.uint8]) -> Motion:
    """The motion to the last of the pictures."""
    camera = CameraMotion()
    return [camera.watch(take_cells(picture(luma))) for luma in lumas][-1]


@pytest.mark.parametrize(("right", "down"), [(12, 0), (-7.5, 3), (0, -20), (40, 25), (1, 1)])
def test_a_pan_is_measured_to_a_pixel(right: float, down: float) -> None:
    found = motion(view(300, 200), view(300 - right, 200 - down))
    assert (found.right, found.down) == pytest.approx((right, down), abs=1.2)
    assert found.zoom == pytest.approx(1, abs=0.004)


@pytest.mark.parametrize("zoom", [1.03, 0.97])
def test_a_zoom_is_measured(zoom: float) -> None:
    # The upper left corner of the picture stays where it is.
    found = motion(view(300, 200), view(300, 200, zoom))
    assert found.zoom == pytest.approx(zoom, abs=0.006)
    assert (found.right, found.down) == pytest.approx((0, 0), abs=2.5)


def test_a_pan_is_measured_in_noise_and_when_the_light_changes() -> None:
    noise = np.random.default_rng(0).normal(0, 6, (2, HEIGHT, WIDTH))
    first, second = view(300, 200) + noise[0], 0.7 * view(290, 200) + noise[1]
    found = motion(first.clip(0, 255).astype(np.uint8), second.clip(0, 255).astype(np.uint8))
    assert (found.right, found.down) == pytest.approx((10, 0), abs=1.5)


def test_a_camera_that_stands_still_has_no_motion_at_all() -> None:
    noise = np.random.default_rng(0).normal(0, 3, (2, HEIGHT, WIDTH))
    first, second = ((view(300, 200) + each).clip(0, 255).astype(np.uint8) for each in noise)
    assert motion(first, second) == STILL


def test_somebody_who_passes_is_not_taken_for_camera_motion() -> None:
    first, second = view(300, 200, scene=GRAVEL).copy(), view(300, 200, scene=GRAVEL).copy()
    first[:, 60:400] = view(100, 50)[:, 60:400]
    second[:, 90:430] = view(100, 50)[:, 60:400]
    assert motion(first, second) == STILL


@pytest.mark.parametrize("kind", ["cut", "flat", "noise", "small", "first", "other size"])
def test_in_doubt_the_camera_stands_still(kind: str) -> None:
    noise = np.random.default_rng(0).integers(0, 256, (2, HEIGHT, WIDTH), np.uint8)
    small = view(300, 200)[:24, :24]
    pictures = {
        "cut": [view(300, 200), view(300, 200, scene=GRAVEL)],
        "flat": [np.full((HEIGHT, WIDTH), level, np.uint8) for level in (90, 200)],
        "noise": list(noise),
        "small": [small, small],
        "first": [view(300, 200)],
        "other size": [view(300, 200), view(310, 200)[:300, :500]],
    }
    assert motion(*pictures[kind]) == STILL
