"""What the demo's camera films: a portrait that hangs before a wall and turns."""

from collections.abc import Sequence
from math import radians

import numpy as np
import skimage.data
from PIL import Image

from tools.demo.camera_path import Pose
from tools.demo.portrait import FACE, Box, Matrix, Plane, hang, load_portrait, project

LEAST_IN_VIEW = 0.6
"""A face is labelled if at least this part of its box is inside the frame."""


LARGEST_TURN = 60.0
"""A face is labelled if it is turned away by at most this, in degrees."""


SMALLEST_SIDE = 12.0
"""A face is labelled if its box in view is at least this many pixels wide and high."""


_WALLS = (("brick", (112, 148)), ("gravel", (126, 133)))
"""Grey pictures of scikit-image without a face, and the U and V that they get."""


_WALL_COLUMNS, _WALL_ROWS = 4096, 2304


_VIEWING_DISTANCE = 900.0


_SIZE_OF_A_PLAIN_WALL = 0.3


class Scene:
    """Renders I420 pictures of one size, and computes where the face is in them."""

    def __init__(self, width: int, height: int) -> None:
        self.width, self.height = width, height
        self._portrait = load_portrait()
        self._walls = [(_mirrored(name), colour) for name, colour in _WALLS]

    def picture(self, poses: Sequence[Pose], wall: int) -> Plane:
        """Render the mean of the pictures from `poses`, as of a camera that moves meanwhile.

        Returns:
            I420 of shape (height * 3 / 2, width).
        """
        total = np.zeros((self.height * 3 // 2, self.width), np.uint16)
        for pose in poses:
            total += self._sharp(pose, wall)
        return (total // len(poses)).astype(np.uint8)

    def face(self, pose: Pose) -> Box | None:
        """The part of the face's box that is in view, or None if the face is not labelled."""
        angles = np.linspace(0, 2 * np.pi, 64, endpoint=False)
        x, y, width, height = FACE
        outline = (x + width / 2 * (1 + np.cos(angles)), y + height / 2 * (1 + np.sin(angles)))
        points = project(self._homography(pose), np.stack(outline))
        (left, top), (right, bottom) = points.min(axis=1), points.max(axis=1)
        seen_left, seen_top = max(left, 0.0), max(top, 0.0)
        seen_width = min(right, self.width) - seen_left
        seen_height = min(bottom, self.height) - seen_top
        if abs(pose.turn) > LARGEST_TURN or min(seen_width, seen_height) < SMALLEST_SIDE:
            return None
        if seen_width * seen_height < LEAST_IN_VIEW * (right - left) * (bottom - top):
            return None
        return float(seen_left), float(seen_top), float(seen_width), float(seen_height)

    def _homography(self, pose: Pose) -> Matrix:
        """From pixels of the portrait to pixels of the frame."""
        x, y, width, height = FACE
        scale = pose.size * self.height / height
        turn, tilt = radians(pose.turn), radians(pose.tilt)
        to_centre = np.array([[1, 0, -x - width / 2], [0, 1, -y - height / 2], [0, 0, 1]])
        # A plane that is turned about its vertical axis and seen from near. The skew makes it look
        # less like a door and more like a head.
        turned = np.array(
            [
                [np.cos(turn), 0, 0],
                [0.12 * np.sin(turn), 1, 0],
                [np.sin(turn) / _VIEWING_DISTANCE, 0, 1],
            ]
        )
        tilted = np.array(
            [[np.cos(tilt), -np.sin(tilt), 0], [np.sin(tilt), np.cos(tilt), 0], [0, 0, 1]]
        )
        placed = np.array(
            [[scale, 0, pose.x * self.width], [0, scale, pose.y * self.height], [0, 0, 1]]
        )
        return np.asarray(placed @ tilted @ turned @ to_centre)

    def _sharp(self, pose: Pose, wall: int) -> Plane:
        homography = self._homography(pose)
        planes = []
        for channel, black in enumerate((16, 128, 128)):
            plane = self._wall(pose, wall, channel)
            factor = 1.0 if channel == 0 else 0.5
            hang(
                plane,
                [level[channel] for level in self._portrait],
                np.diag([factor, factor, 1]) @ homography,
            )
            tones = np.clip(black + (np.arange(256) - black) * pose.light, 0, 255).astype(int)
            planes.append(np.asarray(plane.point(tones.tolist())).reshape(-1, self.width))
        return np.concatenate(planes)

    def _wall(self, pose: Pose, wall: int, channel: int) -> Image.Image:
        luma, colour = self._walls[wall % len(self._walls)]
        if channel > 0:
            return Image.new("L", (self.width // 2, self.height // 2), colour[channel - 1])
        # The wall is farther away than the portrait, so it grows and moves less.
        zoom = max(self.width / 1280, self.height / 720) * (pose.size / _SIZE_OF_A_PLAIN_WALL) ** (
            1 / 3
        )
        left = _WALL_COLUMNS / 2 - pose.x * self.width / 2 / zoom - self.width / 4 / zoom
        top = _WALL_ROWS / 2 - pose.y * self.height / 2 / zoom - self.height / 4 / zoom
        box = (left, top, left + self.width / zoom, top + self.height / zoom)
        return luma.resize((self.width, self.height), Image.Resampling.BILINEAR, box=box)


def _mirrored(name: str) -> Image.Image:
    """Continue a picture of scikit-image by mirroring it."""
    tile = getattr(skimage.data, name)()
    rows, columns = tile.shape
    return Image.fromarray(
        np.pad(tile, ((0, _WALL_ROWS - rows), (0, _WALL_COLUMNS - columns)), mode="symmetric")
    )
