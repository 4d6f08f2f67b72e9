"""Pictures with transparency: what a viewer sees of them, and nothing else.

Programs that make pictures transparent often leave the old colours in place. What cannot be seen
must not come out, so each picture is laid on a background before anything else happens to it.
"""

import av
import numpy as np

from anoncam.frames.frame import Plane

BACKGROUND = 128
"""Grey for single pictures, whose alpha is kept: the detector sees white and black on it."""

_FAINT = 32
"""Alpha below which a face may be too faint for the detector."""

_ROWS = 16
"""Rows that are mixed at a time, which limits the memory."""

_WHITE_PAGES = {"gif", "apng"}
"""Codecs whose pictures are mostly shown on white pages; other videos are shown on black."""


def has_alpha(picture: av.VideoFrame) -> bool:
    """Tell whether some pixels may be transparent; a palette may have transparent colours."""
    picture_format = picture.format
    return picture_format.has_palette or any(
        component.is_alpha for component in picture_format.components
    )


def background(codec: str, *, is_picture: bool) -> int:
    """Return the tone on which transparent pictures are laid."""
    if is_picture:
        return BACKGROUND
    return 255 if codec in _WHITE_PAGES else 0


def alpha_of(picture: av.VideoFrame) -> Plane | None:
    """Return a copy of the alpha of shape (height, width); None if all pixels are opaque."""
    if not has_alpha(picture):
        return None
    alpha = _samples(picture.reformat(format="rgba"))[:, :, 3].copy()
    return None if alpha.min() == 255 else alpha


def flatten(picture: av.VideoFrame, tone: int) -> av.VideoFrame:
    """Lay `picture` on a background of `tone`; returns opaque RGB."""
    rgba = _samples(picture.reformat(format="rgba"))
    result = av.VideoFrame(picture.width, picture.height, "rgb24")
    plane = result.planes[0]
    target = np.frombuffer(memoryview(plane), np.uint8).reshape(plane.height, plane.line_size)
    for row in range(0, picture.height, _ROWS):
        part = rgba[row : row + _ROWS].astype(np.int32)
        mixed = tone + ((part[:, :, :3] - tone) * part[:, :, 3:] + 127) // 255
        rows = mixed.astype(np.uint8).reshape(len(part), -1)
        target[row : row + _ROWS, : rows.shape[1]] = rows
    return result


def hides_colours(picture: av.VideoFrame) -> bool:
    """Tell whether there is more than one colour where nothing, or nearly nothing, can be seen."""
    rgba = _samples(picture.reformat(format="rgba"))
    hidden = rgba[rgba[:, :, 3] < _FAINT][:, :3]
    return len(hidden) > 0 and bool((hidden != hidden[0]).any())


def _samples(picture: av.VideoFrame) -> Plane:
    plane = picture.planes[0]
    rows = np.frombuffer(memoryview(plane), np.uint8).reshape(plane.height, plane.line_size)
    return rows[:, : plane.width * 4].reshape(plane.height, plane.width, 4)
