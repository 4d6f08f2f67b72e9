"""What the demo's camera films: a public-domain portrait that hangs before a wall and turns."""

from dataclasses import dataclass
from math import cos, hypot, radians, sin

import av
import numpy as np
import skimage.data
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from tools.camera_path import CameraPath, Pose

Plane = NDArray[np.uint8]
Matrix = NDArray[np.float64]
"""A homography, shape (3, 3), of column vectors (x, y, 1) in pixels whose corners have whole coordinates."""

Box = tuple[float, float, float, float]
"""x, y, width, height in pixels."""

FACE: Box = (178, 69, 92, 110)
"""The face in `skimage.data.astronaut()`, from the fringe to the chin, found by eye."""

MOST = 0.6
"""A face is labelled when at least this part of its box is in view,"""

LARGEST_TURN = 60.0
"""when it is turned away by no more than this, in degrees,"""

SMALLEST = 12.0
"""and when what is in view is at least this many pixels wide and high."""

_WALLS = (("brick", 112, 148), ("gravel", 126, 133))
_WALL_SIZE = (4096, 2304)
_DISTANCE = 900.0
_SHUTTER = 0.5
_BLUR_STEP = 0.008


@dataclass(frozen=True)
class Wall:
    """A backdrop without a face: luma of shape `_WALL_SIZE`, and one colour."""

    luma: Image.Image
    colour: tuple[int, int]


class Scene:
    """Renders I420 pictures of `width` x `height` pixels, and knows where the face is in them."""

    def __init__(self, width: int, height: int) -> None:
        self.width, self.height = width, height
        self._portrait = _portrait()
        self._walls = tuple(Wall(_mirrored(name), colour) for name, *colour in _WALLS_AND_COLOURS)
        angles = np.linspace(0, 2 * np.pi, 64, endpoint=False)
        outline = np.stack([np.cos(angles) * FACE[2] / 2, np.sin(angles) * FACE[3] / 2, np.ones_like(angles)])
        self._outline: Matrix = outline
