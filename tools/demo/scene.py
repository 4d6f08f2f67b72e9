"""What the demo's camera films: a public-domain portrait that hangs before a wall and turns."""

from collections.abc import Sequence
from math import radians

import av
import numpy as np
import skimage.data
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from tools.demo.camera_path import Pose

Plane = NDArray[np.uint8]
"""Shape (rows, columns)."""

Matrix = NDArray[np.float64]
"""A homography of shape (3, 3) for columns (x, y, 1), in pixels; the corners of pixels have whole
coordinates."""

Box = tuple[float, float, float, float]
"""x, y, width, height in pixels."""

FACE: Box = (178, 65, 92, 114)
"""The face in `skimage.data.astronaut()`, from the fringe to the chin, placed by eye."""

MOST_IN_VIEW = 0.6
"""A face is labelled when at least this part of its box lies inside the frame,"""

LARGEST_TURN = 60.0
"""when it is turned away by no more than this, in degrees,"""

SMALLEST_SIDE = 12.0
"""and when what is in view of its box is at least this many pixels wide and high."""

_WALLS = (("brick", (112, 148)), ("gravel", (126, 133)))
"""Pictures of scikit-image without a face, in grey, and the U and V that they get."""

_WALL_COLUMNS, _WALL_ROWS = 4096, 2304
_VIEWING_DISTANCE = 900.0
_SIZE_OF_A_PLAIN_WALL = 0.3


class Scene:
    """Renders I420 pictures of one size, and knows where the face is in them."""

    def __init__(self, width: int, height: int) -> None:
        self.width, self.height = width, height
        self._portrait = _portrait()
        self._walls = [(_mirrored(name), colour) for name, colour in _WALLS]

    def picture(self, poses: Sequence[Pose], wall: int) -> Plane:
        """The mean of what is seen from `poses`, as a camera sees that moves while its shutter is
        open.

        Returns:
            I420 of shape (height * 3 / 2, width).
        """
        total = np.zeros((self.height * 3 // 2, self.width), np.uint16)
        for pose in poses:
            total += self._sharp(pose, wall)
        return (total // len(poses)).astype(np.uint8)

    def face(self, pose: Pose) -> Box | None:
        """The part of the face's box that is in view; None when the rules above say that it is not
        labelled.
        """
        angles = np.linspace(0, 2 * np.pi, 64, endpoint=False)
        x, y, width, height = FACE
        outline = (x + width / 2 * (1 + np.cos(angles)), y + height / 2 * (1 + np.sin(angles)))
        points = _project(self._homography(pose), np.stack(outline))
        (left, top), (right, bottom) = points.min(axis=1), points.max(axis=1)
        seen_left, seen_top = max(left, 0.0), max(top, 0.0)
        seen_width = min(right, self.width) - seen_left
        seen_height = min(bottom, self.height) - seen_top
        if abs(pose.turn) > LARGEST_TURN or min(seen_width, seen_height) < SMALLEST_SIDE:
            return None
        if seen_width * seen_height < MOST_IN_VIEW * (right - left) * (bottom - top):
            return None
        return float(seen_left), float(seen_top), float(seen_width), float(seen_height)

    def _homography(self, pose: Pose) -> Matrix:
        """From pixels of the portrait to pixels of the frame."""
        x, y, width, height = FACE
        scale = pose.size * self.height / height
        turn, tilt = radians(pose.turn), radians(pose.tilt)
        to_centre = np.array([[1, 0, -x - width / 2], [0, 1, -y - height / 2], [0, 0, 1]])
        # A plane turned about its vertical axis and seen from near; the skew makes it less of a
        # door, more of a head.
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
            _hang(
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
        # The wall is farther away than the portrait: it grows and moves less.
        zoom = max(self.width / 1280, self.height / 720) * (pose.size / _SIZE_OF_A_PLAIN_WALL) ** (
            1 / 3
        )
        left = _WALL_COLUMNS / 2 - pose.x * self.width / 2 / zoom - self.width / 4 / zoom
        top = _WALL_ROWS / 2 - pose.y * self.height / 2 / zoom - self.height / 4 / zoom
        box = (left, top, left + self.width / zoom, top + self.height / zoom)
        return luma.resize((self.width, self.height), Image.Resampling.BILINEAR, box=box)


def _portrait() -> list[tuple[Image.Image, ...]]:
    """The portrait's Y, U and V, all of one size, at full size and halved again and again."""
    picture: Plane = skimage.data.astronaut()
    frame = av.VideoFrame.from_ndarray(picture, "rgb24").reformat(format="yuv444p")
    full = tuple(Image.fromarray(plane) for plane in frame.to_ndarray())
    return [full, *(tuple(plane.reduce(factor) for plane in full) for factor in (2, 4, 8, 16))]


def _mirrored(name: str) -> Image.Image:
    tile = getattr(skimage.data, name)()
    rows, columns = tile.shape
    return Image.fromarray(
        np.pad(tile, ((0, _WALL_ROWS - rows), (0, _WALL_COLUMNS - columns)), mode="symmetric")
    )


def _project(homography: Matrix, points: NDArray[np.float64]) -> NDArray[np.float64]:
    """Points of shape (2, n) through `homography`."""
    projected = homography @ np.vstack([points, np.ones(points.shape[1])])
    return np.asarray(projected[:2] / projected[2])


def _hang(target: Image.Image, levels: Sequence[Image.Image], homography: Matrix) -> None:
    """Draw the portrait into `target`; of its sizes the one that is nearest, so that nothing
    flickers.
    """
    width, height = levels[0].size
    corners = _project(homography, np.array([[0, width, width, 0], [0, 0, height, height]], float))
    left, top = np.clip(np.floor(corners.min(axis=1)), 0, target.size).astype(int)
    right, bottom = np.clip(np.ceil(corners.max(axis=1)), 0, target.size).astype(int)
    if left >= right or top >= bottom:
        return
    shrunk = height / (corners[1].max() - corners[1].min())
    level = int(np.clip(np.round(np.log2(shrunk)), 0, len(levels) - 1))
    halved = np.diag([2.0**level, 2.0**level, 1])
    shift = np.array([[1, 0, -left], [0, 1, -top], [0, 0, 1]])
    # Where interpolation would mix in what lies beyond the portrait's edge, the wall is shown
    # instead.
    edge = 2.0**level
    inner = np.array(
        [[edge, width - edge, width - edge, edge], [edge, edge, height - edge, height - edge]]
    )
    corners = _project(shift @ homography, inner)
    back = np.linalg.inv(shift @ homography @ halved)
    size = (int(right - left), int(bottom - top))
    coefficients = (back / back[2, 2]).ravel()[:8].tolist()
    drawn = levels[level].transform(
        size, Image.Transform.PERSPECTIVE, coefficients, Image.Resampling.BILINEAR
    )
    mask = Image.new("L", size)
    ImageDraw.Draw(mask).polygon([(float(x), float(y)) for x, y in corners.T], fill=255)
    target.paste(drawn, (int(left), int(top)), mask)
