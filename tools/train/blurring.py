"""Blur of a sample: by a lens, and by motion."""

from math import cos, pi, sin

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter


def blur(canvas: NDArray[np.uint8], random: np.random.Generator) -> NDArray[np.uint8]:
    """Blur a few samples slightly, as by a lens out of focus or by a pan."""
    chance = random.random()
    if chance < 0.03:
        return np.asarray(
            Image.fromarray(canvas).filter(ImageFilter.GaussianBlur(random.uniform(0.4, 1.5)))
        )
    if chance < 0.06:
        reach = int(random.integers(2, 7))
        moved = [np.roll(canvas, shift, axis=1).astype(np.uint16) for shift in range(reach)]
        return np.asarray((sum(moved[1:], moved[0]) // reach).astype(np.uint8))
    return canvas


def blur_by_motion(canvas: NDArray[np.uint8], random: np.random.Generator) -> NDArray[np.uint8]:
    """Blur a few samples by up to 9 pixels along a line of any direction."""
    if random.random() > 0.06:
        return canvas
    reach, angle = int(random.integers(3, 10)), random.uniform(0, pi)
    # Around the middle, so that no face moves.
    steps = np.arange(reach) - (reach - 1) / 2
    total = np.zeros(canvas.shape, np.uint16)
    for step in steps:
        shift = round(step * sin(angle)), round(step * cos(angle))
        total += np.roll(canvas, shift, axis=(0, 1))
    return np.asarray((total // reach).astype(np.uint8))
