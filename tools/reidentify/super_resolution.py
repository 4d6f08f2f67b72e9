"""Multi-frame super-resolution: one picture of a face that squares hide in many frames.

A square whose tone is a mean of the pixels that it hides measures them; over other pixels in each
frame, squares together measure more than one frame shows.
"""

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array

from tools.reidentify.squares import Squares

STEPS = 50
"""Steps of the back-projection. More fit the codec's noise."""


def super_resolve(frames: NDArray[np.uint8], squares: Squares) -> NDArray[np.uint8]:
    """Fuse frames of one face by iterative back-projection: Irani and Peleg (1991).

    `frames` are registered, of shape (n, height, width, channels), and `squares` number the squares
    of each, of shape (n, height, width). The picture starts as the mean of the frames. In each step
    its means over all squares are compared with the tones of these, and what is missing is given to
    the pixels of the square. What a frame shows outside of its squares is compared pixel by pixel.

    Returns:
        Shape (height, width, channels), in the resolution of the frames: as many times finer than
        the squares as these are wide.
    """
    count, height, width, channels = frames.shape
    pixels = height * width
    seen = frames.reshape(count, pixels, channels).astype(np.float64)
    numbers = squares.reshape(count, pixels).astype(np.intp)
    frame, pixel = np.nonzero(numbers)
    # Squares of different frames are different squares.
    square = frame * (numbers.max() + 1) + numbers[frame, pixel]
    _, square, sizes = np.unique(square, return_inverse=True, return_counts=True)
    within = coo_array((np.ones(len(pixel)), (square, pixel)), (len(sizes), pixels)).tocsr()
    back = within.T.tocsr()
    sums = np.zeros((len(sizes), channels))
    np.add.at(sums, square, seen[frame, pixel])
    open_pixels = numbers == 0
    shown, times = (seen * open_pixels[..., None]).sum(axis=0), open_pixels.sum(axis=0)[:, None]
    picture: NDArray[np.float64] = seen.mean(axis=0)
    for _ in range(STEPS):
        missing = (sums - within @ picture) / sizes[:, None]
        picture = picture + (back @ missing + shown - times * picture) / count
        picture = picture.clip(0, 255)
    return np.asarray(np.rint(picture), np.uint8).reshape(height, width, channels)
