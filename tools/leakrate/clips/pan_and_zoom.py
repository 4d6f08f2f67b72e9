"""A window glides and zooms over the picture. By day, by night, with the picture on its side."""

import numpy as np
from PIL import Image

from tools.leakrate.clips.camera import NIGHT, Look, Window, film
from tools.leakrate.clips.still import HEIGHT, WIDTH, Shot, Still

FRAMES = 40

_NARROWEST = 0.55
"""The smallest window, as a part of the largest that fits into the picture."""


def pan_and_zoom(still: Still, generator: np.random.Generator, *, look: Look | None = None) -> Shot:
    """Move the window from one place and width to another, with the tremor of a hand."""
    windows = glide(still.image.size, generator)
    return (
        film(still, windows, generator) if look is None else film(still, windows, generator, look)
    )


def night(still: Still, generator: np.random.Generator) -> Shot:
    """The same with little light: dark, noisy, and blurred by motion in every frame."""
    return pan_and_zoom(still, generator, look=NIGHT)


def turned(still: Still, generator: np.random.Generator) -> Shot:
    """The same over a picture that lies on its left or its right side."""
    x, y, width, height = still.boxes.T
    if generator.integers(2):
        image = still.image.transpose(Image.Transpose.ROTATE_270)
        corners = (still.image.height - y - height, x)
    else:
        image = still.image.transpose(Image.Transpose.ROTATE_90)
        corners = (y, still.image.width - x - width)
    return pan_and_zoom(Still(image, np.stack((*corners, height, width), axis=1)), generator)


def cut(still: Still, generator: np.random.Generator) -> Shot:
    """A window that stands still for 0.3 to 1 s, until the next picture cuts in."""
    count = int(generator.integers(9, 31))
    windows = glide(still.image.size, generator)
    return film(still, windows[:1] * count, generator)


def glide(size: tuple[int, int], generator: np.random.Generator) -> list[Window]:
    """The windows of a pan and zoom over a picture of that size."""
    width, height = size
    largest = min(width, height * WIDTH / HEIGHT)
    # On logarithms, so that the zoom is even.
    widths = np.exp(generator.uniform(np.log(_NARROWEST), 0, 2)) * largest
    places = generator.uniform(0, 1, (2, 2))
    phases = generator.uniform(0, 2 * np.pi, 2)
    windows = []
    for part in np.linspace(0, 1, FRAMES):
        eased = part * part * (3 - 2 * part)
        across = float(np.exp((1 - eased) * np.log(widths[0]) + eased * np.log(widths[1])))
        place = (1 - eased) * places[0] + eased * places[1]
        tremor = 0.004 * across * np.sin(2 * np.pi * 4 * part + phases)
        room = np.array([width - across, height - across * HEIGHT / WIDTH])
        left, top = np.clip(place * room + tremor, 0, np.maximum(room, 0)).tolist()
        windows.append((left, top, across))
    return windows
