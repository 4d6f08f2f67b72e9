"""Changes of a sample as cameras and people make them."""

from math import cos, sin

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageEnhance, ImageFilter


def turn(
    picture: Image.Image, boxes: NDArray[np.float64], angle: float
) -> tuple[Image.Image, NDArray[np.float64]]:
    """Turn about the centre by `angle` radians.

    The new box of a face has the mean size of its old box and of the box around the turned one.
    """
    centre = np.array(picture.size) / 2
    matrix = np.array([[cos(angle), -sin(angle)], [sin(angle), cos(angle)]])
    inverse = matrix.T
    shift = centre - inverse @ centre
    coefficients = (*inverse[0], shift[0], *inverse[1], shift[1])
    turned = picture.transform(
        picture.size, Image.Transform.AFFINE, coefficients, Image.Resampling.BILINEAR
    )
    middles = ((boxes[:, :2] + boxes[:, 2:]) / 2 - centre) @ matrix.T + centre
    half = (boxes[:, 2:] - boxes[:, :2]) / 2
    half = (half + half @ np.abs(matrix).T) / 2
    return turned, np.concatenate([middles - half, middles + half], axis=1)


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


def change_light(
    canvas: NDArray[np.uint8], random: np.random.Generator, *, brighten: bool, darken: bool
) -> NDArray[np.uint8]:
    """Make some samples brighter, and others dark, grey and noisy."""
    chance = random.random()
    if brighten and chance < 0.2:
        picture = Image.fromarray(canvas)
        picture = ImageEnhance.Brightness(picture).enhance(random.uniform(1.0, 1.6))
        return np.asarray(ImageEnhance.Contrast(picture).enhance(random.uniform(0.7, 1.2)))
    if darken and chance > 0.88:
        # Little light makes a picture dark, grey and noisy at the same time.
        light = canvas.astype(np.float32) * random.uniform(0.2, 0.9, (1, 1, 1))
        grey = light.mean(axis=2, keepdims=True)
        light = grey + (light - grey) * random.uniform(0.2, 1)
        light += random.normal(0, random.uniform(0, 8), canvas.shape)
        return np.asarray(np.clip(light, 0, 255).astype(np.uint8))
    return canvas


def blur(canvas: NDArray[np.uint8], random: np.random.Generator) -> NDArray[np.uint8]:
    """Blur a few samples slightly, as by a lens out of focus or by motion."""
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
