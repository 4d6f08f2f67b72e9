"""Changes of a sample as cameras make them: their place, and the light."""

from math import cos, sin

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageEnhance

_ROUND = 1.5
"""The exponent that gives the box around a turned face: 2 for an ellipse, 1 for a rectangle."""


def turn(
    picture: Image.Image, boxes: NDArray[np.float64], angle: float, *, expand: bool = False
) -> tuple[Image.Image, NDArray[np.float64]]:
    """Turn about the centre by `angle` radians.

    With `expand`, the picture becomes as large as the turned one. The new box of a face is a little
    larger than the one around a turned ellipse, since a face fills more of its box than an ellipse.
    """
    matrix = np.array([[cos(angle), -sin(angle)], [sin(angle), cos(angle)]])
    size = np.array(picture.size)
    new_size = np.ceil(np.abs(matrix) @ size).astype(int) if expand else size
    inverse = matrix.T
    shift = size / 2 - inverse @ (new_size / 2)
    coefficients = (*inverse[0], shift[0], *inverse[1], shift[1])
    turned = picture.transform(
        (int(new_size[0]), int(new_size[1])),
        Image.Transform.AFFINE,
        coefficients,
        Image.Resampling.BILINEAR,
    )
    middles = ((boxes[:, :2] + boxes[:, 2:]) / 2 - size / 2) @ matrix.T + new_size / 2
    half = (boxes[:, 2:] - boxes[:, :2]) / 2
    half = (half**_ROUND @ (np.abs(matrix) ** _ROUND).T) ** (1 / _ROUND)
    return turned, np.concatenate([middles - half, middles + half], axis=1)


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
