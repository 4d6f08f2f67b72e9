"""Pictures and coverage for the tests of the anonymizer."""

from dataclasses import replace

import numpy as np
from hypothesis import strategies as st
from numpy.typing import NDArray

from anoncam.anonymizer.anonymizer import Anonymizer
from anoncam.config.schema import AnonymizerSettings
from anoncam.frames.boxes import Box
from anoncam.frames.frame import Frame, FrameFormat, Layout, Picture, lay_out, tight
from anoncam.tracking.coverage import Coverage, CoverBox
from tests.support.frames import blank

Mask = NDArray[np.bool_]

ROTATIONS = (0, 90, 180, 270)

FILLS = ("private", "mean", "solid")

BARE = AnonymizerSettings(margin_side=0, margin_top=0, margin_bottom=0)
"""The box itself is covered, without margins."""

WHOLE = Coverage(veil="tested")


def cover(*given_boxes: Box, key: str = "track 1") -> Coverage:
    """Coverage by boxes of one track."""
    return Coverage(tuple(CoverBox(box, key) for box in given_boxes))


def applied(frame: Frame, coverage: Coverage, settings: AnonymizerSettings = BARE) -> Frame:
    """What a new anonymizer makes of a copy of `frame`; its secret is always the same."""
    result = copied(frame)
    Anonymizer(settings, b"secret").apply(result, coverage)
    return result


@st.composite
def settings(draw: st.DrawFn) -> AnonymizerSettings:
    """Settings of every fill, with a few margins."""
    margins = st.sampled_from((0, 0.125, 0.25, 1.5))
    return AnonymizerSettings(
        fill=draw(st.sampled_from(FILLS)),
        rows=draw(st.integers(1, 16)),
        margin_side=draw(margins),
        margin_top=draw(margins),
        margin_bottom=draw(margins),
    )


@st.composite
def formats(draw: st.DrawFn) -> FrameFormat:
    """Small formats of every layout and rotation, odd sizes and padded strides among them."""
    narrow = tight(
        draw(st.integers(2, 90)), draw(st.integers(2, 90)), draw(st.sampled_from(Layout))
    )
    padding = draw(st.sampled_from((0, 2, 22)))
    return replace(
        narrow, stride=narrow.stride + padding, rotation=draw(st.sampled_from(ROTATIONS))
    )


def boxes(largest: int = 150) -> st.SearchStrategy[Box]:
    """Boxes in, over and beyond the border, on quarters of pixels: exact in binary, whatever is
    added to them."""
    place, length = st.integers(-4 * largest, 4 * largest), st.integers(1, 4 * largest)
    return st.tuples(place, place, length, length).map(
        lambda box: (box[0] / 4, box[1] / 4, (box[0] + box[2]) / 4, (box[1] + box[3]) / 4)
    )


def noisy(frame_format: FrameFormat, seed: int = 0, low: int = 0, high: int = 255) -> Frame:
    """A frame of noise from `low` to `high`, its padding included."""
    frame = blank(frame_format)
    frame.buffer[:] = np.random.default_rng(seed).integers(
        low, high, frame.buffer.shape, endpoint=True
    )
    return frame


def copied(frame: Frame) -> Frame:
    """The same picture in memory of its own."""
    copy = blank(frame.format)
    copy.buffer[:] = frame.buffer
    return copy


def upright(plane: NDArray[np.generic], rotation: int) -> NDArray[np.generic]:
    """A stored plane, turned clockwise by `rotation`."""
    return np.rot90(plane, -rotation // 90)


def stored(plane: NDArray[np.bool_], rotation: int) -> Mask:
    """An upright plane, turned back."""
    return np.rot90(plane, rotation // 90)


def upright_size(frame_format: FrameFormat) -> tuple[int, int]:
    """Width and height of the picture as people see it."""
    size = frame_format.width, frame_format.height
    return size if frame_format.rotation in (0, 180) else size[::-1]


def upright_box(box: Box, frame_format: FrameFormat) -> Box:
    """A stored box, as people see it."""
    left, top, right, bottom = box
    width, height = frame_format.width, frame_format.height
    return {
        0: box,
        90: (height - bottom, left, height - top, right),
        180: (width - right, height - bottom, width - left, height - top),
        270: (top, width - right, bottom, width - left),
    }[frame_format.rotation]


def touched(box: Box, width: int, height: int) -> Mask:
    """Every pixel of which a part lies in `box`, of the picture and of a rim of one pixel around
    it."""
    columns, rows = np.arange(-1, width + 1), np.arange(-1, height + 1)
    across = np.logical_and(columns + 1 > box[0], columns < box[2])
    down = np.logical_and(rows + 1 > box[1], rows < box[3])
    return np.logical_and.outer(down, across)


def in_buffer(touched_pixels: Mask, frame_format: FrameFormat) -> Mask:
    """The samples in the buffer that are covered when every block of 2x2 is that has a pixel in
    `touched_pixels`."""
    marks = lay_out(np.zeros((frame_format.rows, frame_format.stride), np.uint8), frame_format)
    height, width = frame_format.height, frame_format.width
    even = touched_pixels[1 : 1 + height + height % 2, 1 : 1 + width + width % 2]
    blocks = np.asarray(even.reshape(even.shape[0] // 2, 2, even.shape[1] // 2, 2).any(axis=(1, 3)))
    marks.luma[:] = blocks.repeat(2, axis=0).repeat(2, axis=1)[:height, :width]
    for plane in marks.chroma:
        plane[:] = blocks if plane.ndim == 2 else blocks[..., None]
    return marks.buffer.astype(bool)


def planes(picture: Picture) -> list[NDArray[np.uint8]]:
    """Y, U and V, as views."""
    if len(picture.chroma) == 2:
        return [picture.luma, *picture.chroma]
    return [picture.luma, picture.chroma[0][..., 0], picture.chroma[0][..., 1]]


def box_mask(box: Box, settings: AnonymizerSettings, frame_format: FrameFormat) -> Mask:
    """The samples of the buffer to cover for a face, from the definition.

    The box is widened in the upright picture, as people see it.
    """
    left, top, right, bottom = upright_box(box, frame_format)
    side, height = settings.margin_side * (right - left), bottom - top
    wide = (
        left - side,
        top - settings.margin_top * height,
        right + side,
        bottom + settings.margin_bottom * height,
    )
    mask = touched(wide, *upright_size(frame_format))
    return in_buffer(stored(mask, frame_format.rotation), frame_format)
