"""The portrait in the public domain that the camera films, and its face."""

from collections.abc import Sequence

import av
import numpy as np
import skimage.data
from numpy.typing import NDArray
from PIL import Image, ImageDraw

Plane = NDArray[np.uint8]
"""Shape (rows, columns)."""


Matrix = NDArray[np.float64]
"""A homography of shape (3, 3) for columns (x, y, 1) in pixels, whose corners are integers."""


Box = tuple[float, float, float, float]
"""x, y, width, height in pixels."""


FACE: Box = (178, 65, 92, 114)
"""The face in `skimage.data.astronaut()`, from the fringe to the chin, placed by eye."""


def load_portrait() -> list[tuple[Image.Image, ...]]:
    """Load Y, U and V of the portrait, all of one size: at full size, and halved several times."""
    picture: Plane = skimage.data.astronaut()
    frame = av.VideoFrame.from_ndarray(picture, "rgb24").reformat(format="yuv444p")
    full = tuple(Image.fromarray(plane) for plane in frame.to_ndarray())
    return [full, *(tuple(plane.reduce(factor) for plane in full) for factor in (2, 4, 8, 16))]


def project(homography: Matrix, points: NDArray[np.float64]) -> NDArray[np.float64]:
    """Map points of shape (2, n) by `homography`."""
    projected = homography @ np.vstack([points, np.ones(points.shape[1])])
    return np.asarray(projected[:2] / projected[2])


def hang(target: Image.Image, levels: Sequence[Image.Image], homography: Matrix) -> None:
    """Draw the portrait into `target`, from the nearest of its sizes, so that nothing flickers."""
    width, height = levels[0].size
    corners = project(homography, np.array([[0, width, width, 0], [0, 0, height, height]], float))
    left, top = np.clip(np.floor(corners.min(axis=1)), 0, target.size).astype(int)
    right, bottom = np.clip(np.ceil(corners.max(axis=1)), 0, target.size).astype(int)
    if left >= right or top >= bottom:
        return
    shrunk = height / (corners[1].max() - corners[1].min())
    level = int(np.clip(np.round(np.log2(shrunk)), 0, len(levels) - 1))
    halved = np.diag([2.0**level, 2.0**level, 1])
    shift = np.array([[1, 0, -left], [0, 1, -top], [0, 0, 1]])
    # At the very edge of the portrait, interpolation would mix in black. The wall is shown there.
    edge = 2.0**level
    inner = np.array(
        [[edge, width - edge, width - edge, edge], [edge, edge, height - edge, height - edge]]
    )
    corners = project(shift @ homography, inner)
    back = np.linalg.inv(shift @ homography @ halved)
    size = (int(right - left), int(bottom - top))
    coefficients = (back / back[2, 2]).ravel()[:8].tolist()
    drawn = levels[level].transform(
        size, Image.Transform.PERSPECTIVE, coefficients, Image.Resampling.BILINEAR
    )
    mask = Image.new("L", size)
    ImageDraw.Draw(mask).polygon([(float(x), float(y)) for x, y in corners.T], fill=255)
    target.paste(drawn, (int(left), int(top)), mask)
