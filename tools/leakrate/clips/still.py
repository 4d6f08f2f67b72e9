"""The picture that a shot is made of, and the frames that it is made into."""

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from tools.dataset.dataset import LabelledPicture
from tools.leakrate.labels import Rectangle

WIDTH, HEIGHT = 960, 544
"""The size of all clips."""

FPS = 30

SMALLEST = 20.0
"""The least height in pixels of a face that counts."""

SCALE = 2
"""Each picture is scaled up by this first: those of the data set are small."""

Picture = NDArray[np.uint8]
"""RGB of shape (HEIGHT, WIDTH, 3)."""

Bounds = tuple[float, float, float, float]
"""Left, top, right, bottom, in pixels of a frame."""

WHOLE: Bounds = (0.0, 0.0, float(WIDTH), float(HEIGHT))


@dataclass(frozen=True)
class Still:
    """A picture in RGB; `boxes`, of shape (n, 4), are x, y, width, height of its faces."""

    image: Image.Image
    boxes: NDArray[np.float64]


@dataclass
class Shown:
    """One frame of a shot.

    `faces` are wholly in view and count, by their number in the picture; `others` are in view in
    part or too small, and do not count.
    """

    picture: Picture
    faces: dict[int, Rectangle] = field(default_factory=dict)
    others: list[Rectangle] = field(default_factory=list)

    def label(self, number: int, box: Rectangle, bounds: Bounds = WHOLE) -> None:
        """Add a face that can be seen as far as it lies within the bounds."""
        x, y, width, height = box
        left, top, right, bottom = bounds
        rounded = (round(x, 2), round(y, 2), round(width, 2), round(height, 2))
        inside = x >= left and y >= top and x + width <= right and y + height <= bottom
        if inside and min(width, height) >= 2:
            if height >= SMALLEST:
                self.faces[number] = rounded
            else:
                self.others.append(rounded)
        elif x < right and y < bottom and x + width > left and y + height > top:
            self.others.append(rounded)


Shot = Iterator[Shown]


def open_still(labelled: LabelledPicture) -> Still:
    """Read the picture and scale it up."""
    with Image.open(labelled.path) as opened:
        size = labelled.width * SCALE, labelled.height * SCALE
        image = opened.convert("RGB").resize(size, Image.Resampling.BICUBIC)
    return Still(image, labelled.boxes.astype(np.float64) * SCALE)
