"""Motion blur and sensor noise, which make rendered pictures look filmed."""

import numpy as np
from numpy.typing import NDArray

from tools.demo.camera_path import CameraPath, Pose
from tools.demo.portrait import Plane

_SHUTTER = 0.5
"""The part of a frame's time for which the shutter is open."""


_LARGEST_STEP = 0.006
"""The step of the camera between two pictures of a blurred one, in parts of the frame's width."""


_DEVIATION = 3.0
"""The standard deviation of the sensor's noise, in luma steps."""


def exposure(camera: CameraPath, seconds: float, frame_time: float) -> list[Pose]:
    """The poses while the shutter is open around `seconds`, close enough for a smooth blur."""
    middle = camera.at(seconds)
    half = _SHUTTER * frame_time / 2
    first, last = camera.at(seconds - half), camera.at(seconds + half)
    count = round(max(abs(last.x - first.x), abs(last.y - first.y)) / _LARGEST_STEP)
    if count < 2:
        return [middle]
    return [camera.at(seconds + part * half) for part in np.linspace(-1, 1, min(count, 4)).tolist()]


def make_noise(generator: np.random.Generator, width: int, height: int) -> NDArray[np.int16]:
    """Make a field of noise that is larger than a frame, so that each frame takes another part."""
    return np.rint(generator.normal(0, _DEVIATION, (height + 128, width + 128))).astype(np.int16)


def add_noise(picture: Plane, generator: np.random.Generator, noise: NDArray[np.int16]) -> Plane:
    """Add a random part of `noise` to the luma of an I420 picture, in place."""
    rows, columns = picture.shape[0] * 2 // 3, picture.shape[1]
    top, left = generator.integers(0, 128, 2)
    luma = picture[:rows] + noise[top : top + rows, left : left + columns]
    picture[:rows] = np.clip(luma, 16, 235)
    return picture
