"""From a frame to the model's input and back: scaled to fit, upright, at the top left, the rest black."""

import av
import numpy as np
from numpy.typing import NDArray

from anoncam.detectors import Detections
from anoncam.frame import FrameFormat, Picture

_FULL_RANGE = 2


class Letterbox:
    """The exact transform for one frame format and one input size, and its inverse."""

    def __init__(self, picture: FrameFormat, input_width: int, input_height: int) -> None:
        self._picture = picture
        self._turned = picture.rotation in (90, 270)
        width, height = (picture.height, picture.width) if self._turned else (picture.width, picture.height)
        scale = min(input_width / width, input_height / height)
        self._upright = max(1, round(width * scale)), max(1, round(height * scale))
        self._size = self._upright[::-1] if self._turned else self._upright

    def fill(self, picture: Picture, target: NDArray[np.uint8]) -> None:
        """Write `picture` as RGB into `target`, of shape (input height, input width, 3)."""
        width = picture.format.width + picture.format.width % 2
        video = av.VideoFrame.from_numpy_buffer(picture.buffer, str(picture.format.layout), width=width)
        full = picture.format.color_range == _FULL_RANGE
        small = video.reformat(
            *self._size, "rgb24", interpolation="BILINEAR", threads=1, src_color_range=_FULL_RANGE if full else None
        )
        plane = small.planes[0]
        rows = np.frombuffer(memoryview(plane), np.uint8).reshape(plane.height, plane.line_size)[:, : plane.width * 3]
        upright = np.rot90(rows.reshape(plane.height, plane.width, 3), -self._picture.rotation // 90)
        target[: upright.shape[0], : upright.shape[1]] = upright
        target[upright.shape[0] :] = 0
        target[: upright.shape[0], upright.shape[1] :] = 0

    def back(self, detections: Detections) -> Detections:
        """Detections in pixels of the input, in pixels of the stored picture; what lies in the black is left out."""
        scale_x, scale_y = self._upright_size[0] / self._upright[0], self._upright_size[1] / self._upright[1]
        boxes = detections.astype(np.float64)
        start = boxes[:, :2] * (scale_x, scale_y)
        end = start + boxes[:, 2:4] * (scale_x, scale_y)
        start, end = self._turn_back(start, end)
        limit = (self._picture.width, self._picture.height)
        inside = ((end > 0) & (start < limit)).all(axis=1)
        return np.column_stack((start, end - start, boxes[:, 4]))[inside].astype(np.float32)

    @property
    def _upright_size(self) -> tuple[int, int]:
        size = self._picture.width, self._picture.height
        return size[::-1] if self._turned else size

    def _turn_back(
        self, start: NDArray[np.float64], end: NDArray[np.float64]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        width, height = self._picture.width, self._picture.height
        (left, top), (right, bottom) = start.T, end.T
        corners = {
            0: (left, top, right, bottom),
            90: (top, height - right, bottom, height - left),
            180: (width - right, height - bottom, width - left, height - top),
            270: (width - bottom, left, width - top, right),
        }[self._picture.rotation]
        return np.stack(corners[:2], axis=1), np.stack(corners[2:], axis=1)
