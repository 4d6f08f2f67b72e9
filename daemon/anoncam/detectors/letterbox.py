"""Scales a frame upright into the top left of the model's input, and maps boxes back."""

import numpy as np
from numpy.typing import NDArray

from anoncam.detectors.detector import Detections
from anoncam.frames.frame import Frame, FrameFormat, Picture
from anoncam.frames.rgb_scaler import RgbScaler

_WIDEST_PIXEL = 8
"""Pixels that are said to be wider than this, or taller, are taken for square: no player shows
them so."""


def _pixel_width(picture: FrameFormat) -> float:
    """The width of a pixel as a part of its height."""
    ratio = float(picture.sample_aspect_ratio)
    return ratio if 1 / _WIDEST_PIXEL <= ratio <= _WIDEST_PIXEL else 1.0


class Letterbox:
    """The exact transform for one frame format and one input size, and its inverse.

    What the picture does not fill of the input is black. Pixels that are not square are made
    square, so that the detector sees faces as people do.
    """

    def __init__(self, picture: FrameFormat, input_width: int, input_height: int) -> None:
        self._picture = picture
        # libav rounds an odd side up, and scales that.
        self._stored = picture.width + picture.width % 2, picture.height + picture.height % 2
        turned = picture.rotation in (90, 270)
        shown = self._stored[0] * _pixel_width(picture), self._stored[1]
        width, height = shown[::-1] if turned else shown
        scale = min(input_width / width, input_height / height)
        upright = max(1, round(width * scale)), max(1, round(height * scale))
        upright = min(upright[0], input_width), min(upright[1], input_height)
        self._size = upright[::-1] if turned else upright
        small = picture.lores
        # The camera's own small picture is used where it is at least as large as the input needs.
        self._from_lores = (
            small is not None and small.width >= self._size[0] and small.height >= self._size[1]
        )
        self._scaler = RgbScaler()

    def fill(self, picture: Picture, target: NDArray[np.uint8]) -> None:
        """Write `picture` as RGB into `target`, of shape (input height, input width, 3)."""
        if self._from_lores:
            assert isinstance(picture, Frame)  # noqa: S101 - the format says so
            assert picture.lores is not None  # noqa: S101
            picture = picture.lores
        small = self._scaler.scale(picture, *self._size)
        upright = np.rot90(small, -self._picture.rotation // 90)
        target[: upright.shape[0], : upright.shape[1]] = upright
        target[upright.shape[0] :] = 0
        target[: upright.shape[0], upright.shape[1] :] = 0

    def back(self, detections: Detections) -> Detections:
        """Convert detections from pixels of the input to pixels of the stored picture.

        Detections that lie wholly in the black part are left out.
        """
        boxes = detections.astype(np.float64)
        start, end = self._turn_back(boxes[:, :2], boxes[:, :2] + boxes[:, 2:4])
        scale = self._stored[0] / self._size[0], self._stored[1] / self._size[1]
        start, end = start * scale, end * scale
        limit = (self._picture.width, self._picture.height)
        inside = ((end > 0) & (start < limit)).all(axis=1)
        return np.column_stack((start, end - start, boxes[:, 4]))[inside].astype(np.float32)

    def _turn_back(
        self, start: NDArray[np.float64], end: NDArray[np.float64]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        width, height = self._size
        (left, top), (right, bottom) = start.T, end.T
        corners = {
            0: (left, top, right, bottom),
            90: (top, height - right, bottom, height - left),
            180: (width - right, height - bottom, width - left, height - top),
            270: (width - bottom, left, width - top, right),
        }[self._picture.rotation]
        return np.stack(corners[:2], axis=1), np.stack(corners[2:], axis=1)
