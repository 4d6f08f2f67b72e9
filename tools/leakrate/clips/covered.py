"""Faces behind something: a mask, dark glasses, bars, a hand."""

import numpy as np
from PIL import ImageDraw

from tools.leakrate.clips.pan_and_zoom import pan_and_zoom
from tools.leakrate.clips.still import Shot, Still

Colour = tuple[int, int, int]


def covered(still: Still, generator: np.random.Generator) -> Shot:
    """A pan and zoom over the picture, with something before each face."""
    image = still.image.copy()
    draw = ImageDraw.Draw(image)
    things = (_mask, _glasses, _bars, _hand)
    for x, y, width, height in still.boxes.tolist():
        around = image.crop((int(x), int(y), int(x + width) + 1, int(y + height) + 1))
        red, green, blue = around.resize((1, 1)).getpixel((0, 0))  # type: ignore[misc]
        thing = things[int(generator.integers(len(things)))]
        colour = tuple(generator.integers(20, 236, 3).tolist())
        thing(draw, (x, y, width, height), (red, green, blue) if thing is _hand else colour)
    return pan_and_zoom(Still(image, still.boxes), generator)


def _mask(
    draw: ImageDraw.ImageDraw, face: tuple[float, float, float, float], colour: Colour
) -> None:
    x, y, width, height = face
    corners = [(0.08, 0.52), (0.5, 0.42), (0.92, 0.52), (0.85, 0.86), (0.5, 1.0), (0.15, 0.86)]
    draw.polygon([(x + right * width, y + down * height) for right, down in corners], colour)


def _glasses(
    draw: ImageDraw.ImageDraw, face: tuple[float, float, float, float], colour: Colour
) -> None:
    x, y, width, height = face
    dark = (colour[0] // 6, colour[1] // 6, colour[2] // 6)
    for left in (0.1, 0.54):
        draw.ellipse(
            (
                x + left * width,
                y + 0.28 * height,
                x + (left + 0.36) * width,
                y + 0.52 * height,
            ),
            dark,
        )
    draw.line(
        [(x, y + 0.37 * height), (x + width, y + 0.37 * height)], dark, max(1, round(0.04 * height))
    )


def _bars(
    draw: ImageDraw.ImageDraw, face: tuple[float, float, float, float], colour: Colour
) -> None:
    x, y, width, height = face
    for bar in range(4):
        left = x + (0.05 + 0.28 * bar) * width
        draw.rectangle((left, y - 0.3 * height, left + 0.09 * width, y + 1.3 * height), colour)


def _hand(
    draw: ImageDraw.ImageDraw, face: tuple[float, float, float, float], colour: Colour
) -> None:
    x, y, width, height = face
    draw.ellipse((x - 0.1 * width, y + 0.55 * height, x + 0.55 * width, y + 1.15 * height), colour)
    for finger in range(4):
        left, tip = x + (0.02 + 0.15 * finger) * width, y + (0.34 - 0.05 * (finger % 3)) * height
        draw.line(
            [(left, tip), (left + 0.02 * width, y + 0.8 * height)],
            colour,
            max(2, round(0.12 * width)),
        )
