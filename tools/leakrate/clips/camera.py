"""A camera that looks through a window at a picture: its light, its noise, its blur."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageFilter

from tools.leakrate.clips.still import HEIGHT, WIDTH, Picture, Shot, Shown, Still

Window = tuple[float, float, float]
"""Left, top and width, in pixels of the picture. The shape is that of a frame."""


@dataclass(frozen=True)
class Look:
    """How a camera sees.

    The light changes within a shot between two values from `light`, in parts. `noise` is the
    standard deviation of the sensor's noise in luma steps. Every fifth frame is soft; `streak` is
    the length in pixels by which motion blurs every frame, at most.
    """

    light: tuple[float, float] = (0.45, 1.0)
    noise: float = 3.5
    streak: int = 0


DAY = Look()
NIGHT = Look(light=(0.08, 0.25), noise=5.0, streak=9)

_SOFT_EVERY, _SOFTNESS = 5, 1.5


def film(
    still: Still, windows: Sequence[Window], generator: np.random.Generator, look: Look = DAY
) -> Shot:
    """Look through one window after the other."""
    seen = (_crop(still, window) for window in windows)
    for number, picture in enumerate(exposed(seen, len(windows), generator, look)):
        shown = Shown(picture)
        left, top, across = windows[number]
        for face, (x, y, width, height) in enumerate(still.boxes.tolist()):
            scale = WIDTH / across
            box = ((x - left) * scale, (y - top) * scale, width * scale, height * scale)
            shown.label(face, box)
        yield shown


def exposed(
    pictures: Iterable[Image.Image],
    count: int,
    generator: np.random.Generator,
    look: Look = DAY,
) -> Iterable[Picture]:
    """Give `count` pictures of the size of a frame light, softness and noise."""
    first, last = generator.uniform(*look.light, 2).tolist()
    direction = generator.uniform(0, np.pi) if look.streak else 0.0
    lights = np.linspace(first, last, count)
    # One field of noise, shifted from frame to frame: to draw it anew takes as long as all else.
    grain = generator.normal(0, look.noise, (HEIGHT, WIDTH, 1)).astype(np.float32)
    for number, (given, light) in enumerate(zip(pictures, lights, strict=True)):
        seen = given
        if number % _SOFT_EVERY == _SOFT_EVERY - 1:
            seen = seen.filter(ImageFilter.GaussianBlur(_SOFTNESS))
        values = np.asarray(seen, np.float32)
        if look.streak:
            length = int(generator.integers(3, look.streak + 1))
            values = streaked(values, length, direction)
        shift = generator.integers(0, (HEIGHT, WIDTH)).tolist()
        noise = np.roll(grain, shift, axis=(0, 1))
        yield (values * np.float32(light) + noise).clip(0, 255).astype(np.uint8)


def streaked(
    values: np.ndarray[tuple[int, ...], np.dtype[np.float32]], length: int, direction: float
) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
    """The mean over `length` shifts along `direction` (radians), as motion blurs."""
    total = np.zeros_like(values)
    for step in range(length):
        along = step - (length - 1) / 2
        shift = round(along * np.sin(direction)), round(along * np.cos(direction))
        total += np.roll(values, shift, axis=(0, 1))
    return np.asarray(total / length)


def _crop(still: Still, window: Window) -> Image.Image:
    left, top, across = window
    bounds = (
        left,
        top,
        min(left + across, still.image.width),
        min(top + across * HEIGHT / WIDTH, still.image.height),
    )
    return still.image.resize((WIDTH, HEIGHT), Image.Resampling.BICUBIC, box=bounds)
