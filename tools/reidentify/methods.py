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
from anoncam.tracking.snapping import Snapping
from tools.reidentify.squares import number_squares

Picture = NDArray[np.uint8]


Tone = NDArray[np.float64]
"""Red, green and blue, from 0 to 255."""


GREY: Tone = np.full(3, 128.0)


Hide = Callable[[Picture, Box, str], tuple[Picture, Box]]
"""Hides a face: RGB of shape (height, width, 3) with even sides, its box, the key of its track.

The result is the hidden picture, and the box as that shows it.
"""


_DEFACE_MASK = 1.3
"""The factor by which deface 1.5.0 widens a box by default."""


_DEFACE_WIDTH = 0.5
"""The width of its blur by default, as a part of the box."""


@dataclass(frozen=True)
class Method:
    """A method to hide faces; each call of `make` uses new secrets.

    `rows` of squares lie over a face; 0 if it is hidden by something else.
    """

    name: str
    make: Callable[[], Hide]
    rows: int


def _anoncam(name: str, fill: Literal["private", "mean", "solid"], rows: int = 5) -> Method:
    settings = AnonymizerSettings(fill=fill, rows=rows)
    return Method(name, partial(make_anonymizing, settings), rows)


def make_anonymizing(settings: AnonymizerSettings) -> Hide:
    """Make the method of the daemon at 30 frames a second: in I420, with a secret of its own.

    Frames of one track follow each other.
    """
    anonymizer, snapping = Anonymizer(settings), Snapping()
    pools: dict[tuple[int, int], FramePool] = {}
    timestamps = count(1, NANOSECONDS // 30)

    def hide(picture: Picture, box: Box, key: str) -> tuple[Picture, Box]:
        height, width = picture.shape[:2]
        pool = pools.setdefault((width, height), FramePool(tight(width, height), 1))
        frame = pool.acquire()
        assert frame is not None, "only one frame is used at a time"
        frame.buffer[:] = cv2.cvtColor(picture, cv2.COLOR_RGB2YUV_I420)
        frame.timestamp = next(timestamps)
        covers = snapping.snap([CoverBox(box, key)], frame.format)
        anonymizer.apply(frame, Coverage(covers))
        hidden = cv2.cvtColor(frame.buffer, cv2.COLOR_YUV2RGB_I420)
        pool.release(frame)
        return np.asarray(hidden, np.uint8), covers[0].box

    return hide


def _flat(name: str, tone: Callable[[Picture], Tone]) -> Method:
    """The boxes of the default, with the same pixels around them, and one tone in them.

    `tone` is given the face, of shape (pixels, 3). What it does not look at, nobody can learn from
    the box.
    """

    def make() -> Hide:
        anonymize = make_anonymizing(AnonymizerSettings())

        def hide(picture: Picture, box: Box, key: str) -> tuple[Picture, Box]:
            hidden, shown = anonymize(picture, box, key)
            covered = _covered(picture, shown)
            hidden[covered] = tone(picture[covered])
            return hidden, shown

        return hide

    return Method(name, make, AnonymizerSettings().rows)


def _alone(method: Method) -> Method:
    """The same squares, with grey around them: all that is left are the squares and their place."""

    def make() -> Hide:
        hide = method.make()

        def hide_all(picture: Picture, box: Box, key: str) -> tuple[Picture, Box]:
            hidden, shown = hide(picture, box, key)
            hidden[~_covered(picture, shown)] = GREY
            return hidden, shown

        return hide_all

    return Method(method.name + ALONE, make, method.rows)


def _covered(picture: Picture, shown: Box) -> NDArray[np.bool_]:
    height, width = picture.shape[:2]
    return number_squares(shown, AnonymizerSettings().rows, width, height) > 0


def _blur(picture: Picture, box: Box, _key: str) -> tuple[Picture, Box]:
    """Blur like deface by default: a Gaussian as wide as its box filter, in its ellipse."""
    left, top, right, bottom = box
    width, height = (right - left) * _DEFACE_MASK, (bottom - top) * _DEFACE_MASK
    # The standard deviation of a box filter of width w is w / sqrt(12).
    sigmas = [length * _DEFACE_WIDTH / 12**0.5 for length in (width, height)]
    blurred = cv2.GaussianBlur(picture, (0, 0), sigmaX=sigmas[0], sigmaY=sigmas[1])
    mask = np.zeros(picture.shape[:2], np.uint8)
    centre = round((left + right) / 2), round((top + bottom) / 2)
    cv2.ellipse(mask, centre, (round(width / 2), round(height / 2)), 0, 0, 360, 255, cv2.FILLED)
    return np.where(mask[..., None] > 0, blurred, picture).astype(np.uint8), box


def _clear(picture: Picture, box: Box, _key: str) -> tuple[Picture, Box]:
    return picture, box


DEFAULT = "private, 5 rows (the default)"


CLEAR = "clear"


CONTROL = "grey (the control)"


MEAN = "mean, 5 rows (the reference)"


TONE = "the face's mean tone"


ALONE = ", nothing around"
"""How the names of methods end that hide everything else too."""


_BESIDE_A_BACKGROUND = (
    Method(CLEAR, lambda: _clear, 0),
    Method("Gaussian blur as strong as deface's", lambda: _blur, 0),
    *(_anoncam(f"mosaic of {cells} cells per face", "mean", cells) for cells in (16, 12, 8)),
    _anoncam(MEAN, "mean"),
    _anoncam("mean, 3 rows", "mean", 3),
    _anoncam("private, 8 rows", "private", 8),
    _anoncam(DEFAULT, "private"),
    _anoncam("private, 3 rows", "private", 3),
    _anoncam("solid", "solid"),
    _flat(TONE, lambda face: face.mean(axis=0)),
    _flat(CONTROL, lambda _face: GREY),
)


METHODS: Mapping[str, Method] = {
    method.name: method
    for method in (
        *_BESIDE_A_BACKGROUND,
        *(_alone(each) for each in _BESIDE_A_BACKGROUND if each.name in (MEAN, DEFAULT, CONTROL)),
    )
}


def control_of(name: str) -> str:
    """The control of a method: the one that shows the same around the squares."""
    return CONTROL + ALONE if name.endswith(ALONE) else CONTROL
