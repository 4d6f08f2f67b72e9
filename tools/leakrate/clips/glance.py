"""Faces in view briefly: the picture slides past behind a slot in a wall."""

from collections.abc import Iterator

import numpy as np
from PIL import Image, ImageFilter

from tools.leakrate.clips.camera import exposed
from tools.leakrate.clips.still import HEIGHT, WIDTH, Shot, Shown, Still

_SLOT = (200, 480)
"""Widths of the slot in pixels, from a gap between pillars to a door."""

_WALL_BLUR = 40


def glance(still: Still, generator: np.random.Generator, *, step: int) -> Shot:
    """Slide the picture by `step` pixels a frame: a face is in view for 3 to 20 frames."""
    scale = HEIGHT / still.image.height
    strip = still.image.resize((round(still.image.width * scale), HEIGHT), Image.Resampling.BICUBIC)
    wall = still.image.resize((WIDTH, HEIGHT)).filter(ImageFilter.GaussianBlur(_WALL_BLUR))
    width = int(generator.integers(_SLOT[0], _SLOT[1] + 1))
    left = int(generator.integers(0, WIDTH - width + 1))
    places = np.arange(left - strip.width + step, left + width, step).tolist()
    if generator.integers(2):
        places.reverse()
    pictures = exposed(_behind(wall, strip, places, left, width), len(places), generator)
    for place, picture in zip(places, pictures, strict=True):
        shown = Shown(picture)
        for number, (x, y, across, down) in enumerate((still.boxes * scale).tolist()):
            box = (x + place, y, across, down)
            shown.label(number, box, (left, 0, left + width, HEIGHT))
        yield shown


def _behind(
    wall: Image.Image, strip: Image.Image, places: list[int], left: int, width: int
) -> Iterator[Image.Image]:
    for place in places:
        picture = wall.copy()
        seen = Image.new("RGB", (width, HEIGHT))
        seen.paste(strip, (place - left, 0))
        # Where the strip has not come yet, the wall goes on.
        start, end = max(0, place - left), min(width, place - left + strip.width)
        picture.paste(seen.crop((start, 0, end, HEIGHT)), (left + start, 0))
        yield picture
