"""Scales a picture and converts it to RGB, with libav's swscale."""

import numpy as np
from av.video.reformatter import VideoReformatter
from numpy.typing import NDArray

from anoncam.frames.frame import Picture
from anoncam.frames.video_frame import wrap

_FULL_RANGE = 2


class RgbScaler:
    """Scales pictures; it is fastest while their format and the wanted size stay the same."""

    def __init__(self) -> None:
        self._scaler, self._painter = VideoReformatter(), VideoReformatter()

    def scale(self, picture: Picture, width: int, height: int) -> NDArray[np.uint8]:
        """Return the picture as RGB, of dtype uint8 and shape (`height`, `width`, 3)."""
        full = _FULL_RANGE if picture.format.color_range == _FULL_RANGE else None
        # To scale the planes and convert them afterwards takes a third of the time of both at once.
        planes = self._scaler.reformat(
            wrap(picture),
            width,
            height,
            "yuv420p",
            interpolation="AREA",
            threads=1,
            src_color_range=full,
            dst_color_range=full,
        )
        small = self._painter.reformat(planes, format="rgb24", threads=1, src_color_range=full)
        plane = small.planes[0]
        rows = np.frombuffer(memoryview(plane), np.uint8).reshape(plane.height, plane.line_size)
        return rows[:, : plane.width * 3].reshape(plane.height, plane.width, 3)
