"""Gives a picture its transparency back, after it was anonymized on a background."""

import av
import numpy as np

from anoncam.anonymizer.anonymized_frame import AnonymizedFrame
from anoncam.frames.frame import Plane

OPAQUE = 255
_WHITE = 255
_AROUND = 0.5
"""Share of a box by which it is opaque on each side: more than the squares reach."""
_ROWS = 16
"""Rows that are computed at a time, which limits the memory."""


def opaque_where_covered(alpha: Plane, frame: AnonymizedFrame) -> Plane:
    """A copy of `alpha` that is opaque around the boxes: a face may also be drawn in alpha."""
    result = alpha.copy()
    if frame.veil:
        result[:] = OPAQUE
    for left, top, right, bottom in frame.boxes:
        across, down = _AROUND * (right - left), _AROUND * (bottom - top)
        rows = slice(max(0, int(top - down)), max(0, int(bottom + down) + 1))
        result[rows, max(0, int(left - across)) : max(0, int(right + across) + 1)] = OPAQUE
    return result


def take_off_background(picture: av.VideoFrame, alpha: Plane, tone: int) -> None:
    """Turn `picture` (RGBA on a background of `tone`) into its own colours, in place.

    What is wholly transparent becomes black: it has no colour of its own any more.
    """
    rgba = _samples(picture, 4)
    rgba[:, :, 3] = alpha
    for row in range(0, len(alpha), _ROWS):
        share = alpha[row : row + _ROWS, :, None].astype(np.int32)
        mixed = rgba[row : row + _ROWS, :, :3]
        own = tone + ((mixed.astype(np.int32) - tone) * OPAQUE) // np.maximum(share, 1)
        mixed[:] = np.where(share == 0, 0, np.where(share == OPAQUE, mixed, own.clip(0, OPAQUE)))


def lay_on_white(picture: av.VideoFrame, alpha: Plane, tone: int) -> None:
    """Change the background of `picture` (RGB) from `tone` to white, in place."""
    rgb = _samples(picture, 3)
    for row in range(0, len(alpha), _ROWS):
        part = rgb[row : row + _ROWS]
        share = OPAQUE - alpha[row : row + _ROWS, :, None].astype(np.int32)
        part[:] = (part + (_WHITE - tone) * share // OPAQUE).clip(0, OPAQUE)


def _samples(picture: av.VideoFrame, channels: int) -> Plane:
    plane = picture.planes[0]
    rows = np.frombuffer(memoryview(plane), np.uint8).reshape(plane.height, plane.line_size)
    return rows[:, : plane.width * channels].reshape(plane.height, plane.width, channels)
