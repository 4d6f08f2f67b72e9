"""What is drawn over a sample: masks, sunglasses, bars and the dots of print."""

from math import cos, pi, sin

import numpy as np
from numpy.typing import NDArray

_BARRED, _PRINTED = 0.03, 0.02
"""The parts of the faces behind bars, and of the samples that are printed."""


def mask(
    canvas: NDArray[np.uint8], boxes: NDArray[np.float64], random: np.random.Generator
) -> NDArray[np.uint8]:
    """Cover the lower half of some faces like a mask, or the eyes like sunglasses."""
    canvas = canvas.copy()
    for x0, y0, x1, y1 in boxes:
        if y1 - y0 < 14 or random.random() > 0.06:
            continue
        tall, wide = y1 - y0, x1 - x0
        start, end = (0.5, 0.97) if random.random() < 0.7 else (0.25, 0.5)
        rows = slice(round(y0 + start * tall), round(y0 + end * tall))
        columns = slice(round(x0 + 0.08 * wide), round(x1 - 0.08 * wide))
        colour = random.choice(
            [[235, 235, 240], [20, 20, 25], [120, 170, 210], random.integers(0, 256, 3).tolist()]
        )
        part = canvas[rows, columns]
        canvas[rows, columns] = (0.85 * np.array(colour) + 0.15 * part).astype(np.uint8)
    return canvas


def draw_bars(
    canvas: NDArray[np.uint8], boxes: NDArray[np.float64], random: np.random.Generator
) -> NDArray[np.uint8]:
    """Draw one to three parallel bars over some faces, upright or lying, a little beyond them."""
    canvas = canvas.copy()
    for x0, y0, x1, y1 in boxes:
        if y1 - y0 < 14 or random.random() > _BARRED:
            continue
        tall, wide = y1 - y0, x1 - x0
        colour = np.array(random.choice([[15, 15, 15], [130, 130, 130], [225, 225, 225]]))
        upright = random.random() < 0.7
        thick = random.uniform(0.07, 0.18) * (wide if upright else tall)
        for _ in range(int(random.integers(1, 4))):
            if upright:
                start = random.uniform(x0, x1 - thick)
                box = start, y0 - 0.25 * tall, start + thick, y1 + 0.25 * tall
            else:
                start = random.uniform(y0, y1 - thick)
                box = x0 - 0.25 * wide, start, x1 + 0.25 * wide, start + thick
            left, top, right, bottom = (max(0, round(value)) for value in box)
            canvas[top:bottom, left:right] = colour
    return canvas


def print_in_halftone(canvas: NDArray[np.uint8], random: np.random.Generator) -> NDArray[np.uint8]:
    """Darken a few samples between the dots of a turned raster, as in a newspaper."""
    if random.random() > _PRINTED:
        return canvas
    rows, columns = np.mgrid[: canvas.shape[0], : canvas.shape[1]]
    angle, period = random.uniform(0, pi / 2), random.uniform(3, 6)
    along = (columns * cos(angle) + rows * sin(angle)) * 2 * pi / period
    across = (rows * cos(angle) - columns * sin(angle)) * 2 * pi / period
    dots = 0.75 + 0.25 * np.cos(along) * np.cos(across)
    return np.asarray((canvas * dots[..., None]).astype(np.uint8))
