from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from anoncam.detectors.letterbox import Letterbox
from anoncam.frames.frame import Frame, FrameFormat, Layout, lay_out, tight
from tests.support import frames

INPUT = (640, 384)
SIZES = [(640, 480), (1280, 720), (1920, 1080), (641, 479), (333, 777), (1279, 97), (96, 64)]


def _black(frame_format: FrameFormat) -> Frame:
    frame = frames.blank(frame_format)
    frame.buffer[: frame_format.height + frame_format.height % 2] = 16
    return frame


def _mark(frame: Frame, box: tuple[int, int, int, int]) -> None:
    x, y, width, height = box
    frame.luma[y : y + height, x : x + width] = 235


def _seen(picture: np.ndarray) -> np.ndarray:
    """Measure the one bright box in `picture`, to parts of a pixel.

    Its mass gives its size, and its centre of mass gives its place.
    """
    bright = picture[..., 1].astype(np.float64)
    bright[bright < 20] = 0
    across, down = bright.max(axis=0) / bright.max(), bright.max(axis=1) / bright.max()
    sides = []
    for profile in (across, down):
        length = profile.sum()
        middle = (profile * (np.arange(len(profile)) + 0.5)).sum() / length
        sides.append((middle - length / 2, length))
    (x, width), (y, height) = sides
    return np.array([[x, y, width, height, 0.9]], np.float32)


def _format(size: tuple[int, int], layout: Layout, rotation: int, padding: int) -> FrameFormat:
    plain = tight(*size, layout)
    return replace(plain, stride=plain.stride + padding, rotation=rotation)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("rotation", [0, 90, 180, 270])
@pytest.mark.parametrize(
    ("layout", "padding"), [(Layout.I420, 0), (Layout.I420, 64), (Layout.NV12, 32)]
)
def test_a_marker_comes_back_where_it_was_drawn_within_a_pixel(
    size: tuple[int, int], rotation: int, layout: Layout, padding: int
) -> None:
    frame = _black(_format(size, layout, rotation, padding))
    width, height = size
    for part_x, part_y in ((0.1, 0.1), (0.6, 0.15), (0.15, 0.6), (0.65, 0.65)):
        box = int(width * part_x), int(height * part_y), width // 4, height // 4
        picture = frames.blank(frame.format)
        picture.buffer[:] = frame.buffer
        _mark(picture, box)
        letterbox = Letterbox(frame.format, *INPUT)
        target = np.empty((INPUT[1], INPUT[0], 3), np.uint8)
        letterbox.fill(picture, target)

        (back,) = letterbox.back(_seen(target))

        found = [back[0], back[1], back[0] + back[2], back[1] + back[3]]
        drawn = [box[0], box[1], box[0] + box[2], box[1] + box[3]]
        assert np.abs(np.subtract(found, drawn)).max() <= 1.0
        assert back[4] == np.float32(0.9)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("rotation", [0, 90, 180, 270])
def test_the_part_that_the_picture_does_not_fill_is_black(
    size: tuple[int, int], rotation: int
) -> None:
    white = frames.blank(_format(size, Layout.I420, rotation, 0))
    white.buffer[: size[1] + size[1] % 2] = 235
    target = np.full((INPUT[1], INPUT[0], 3), 77, np.uint8)

    Letterbox(white.format, *INPUT).fill(white, target)

    width, height = size if rotation in (0, 180) else size[::-1]
    scale = min(INPUT[0] / width, INPUT[1] / height)
    columns, rows = round(width * scale), round(height * scale)
    assert target[rows + 1 :].max(initial=0) == 0
    assert target[:, columns + 1 :].max(initial=0) == 0
    assert target[: rows - 2, : columns - 2].min() > 200


@pytest.mark.parametrize(
    ("rotation", "corner"), [(0, (0, 0)), (90, (0, -1)), (180, (-1, -1)), (270, (-1, 0))]
)
def test_the_detector_sees_the_picture_upright(rotation: int, corner: tuple[int, int]) -> None:
    frame = _black(replace(tight(256, 256), rotation=rotation))
    frame.luma[:64, :64] = 235
    target = np.empty((256, 256, 3), np.uint8)

    Letterbox(frame.format, 256, 256).fill(frame, target)

    assert target[corner].min() > 200
    others = {(0, 0), (0, -1), (-1, -1), (-1, 0)} - {corner}
    assert max(target[other].max() for other in others) == 0


def test_boxes_that_lie_wholly_in_the_black_are_left_out() -> None:
    letterbox = Letterbox(tight(640, 320), 640, 640)
    boxes = np.array(
        [[10, 330, 50, 50, 0.9], [10, 300, 50, 50, 0.8], [-60, 10, 50, 50, 0.7]], np.float32
    )

    assert letterbox.back(boxes)[:, 4].tolist() == [np.float32(0.8)]


def test_no_detections_are_mapped_back_to_none() -> None:
    assert Letterbox(tight(640, 360), 320, 320).back(np.empty((0, 5), np.float32)).shape == (0, 5)


def test_black_is_black_in_full_and_in_limited_range() -> None:
    for color_range, black, white in ((1, 16, 235), (2, 0, 255)):
        frame = frames.blank(replace(tight(64, 64), color_range=color_range))
        frame.luma[:] = black
        frame.luma[:, 32:] = white
        target = np.empty((64, 64, 3), np.uint8)

        Letterbox(frame.format, 64, 64).fill(frame, target)

        assert target[:, :28].max() <= 2
        assert target[:, 36:].min() >= 253


def _with_lores(main: FrameFormat, small: FrameFormat) -> Frame:
    frame = _black(replace(main, lores=small))
    picture = lay_out(np.full((small.rows, small.stride), 128, np.uint8), small)
    picture.luma[:] = 16
    frame.lores = picture
    return frame


@pytest.mark.parametrize("rotation", [0, 90])
def test_the_lores_picture_is_used_and_boxes_are_mapped_to_the_large_one(
    rotation: int,
) -> None:
    frame = _with_lores(replace(tight(1920, 1080), rotation=rotation), tight(960, 600))
    assert frame.lores is not None
    frame.lores.luma[150:300, 240:480] = 235
    letterbox = Letterbox(frame.format, *INPUT)
    target = np.empty((INPUT[1], INPUT[0], 3), np.uint8)

    letterbox.fill(frame, target)

    assert np.abs(letterbox.back(_seen(target))[0, :4] - (480, 270, 480, 270)).max() <= 2


def test_a_lores_picture_smaller_than_the_model_input_is_not_used() -> None:
    frame = _with_lores(tight(1920, 1080), tight(320, 180))
    _mark(frame, (480, 270, 480, 270))
    letterbox = Letterbox(frame.format, *INPUT)
    target = np.empty((INPUT[1], INPUT[0], 3), np.uint8)

    letterbox.fill(frame, target)

    assert np.abs(letterbox.back(_seen(target))[0, :4] - (480, 270, 480, 270)).max() <= 1


@given(
    st.integers(16, 2000),
    st.integers(16, 2000),
    st.fractions(Fraction(1, 8), 8, max_denominator=100),
    st.sampled_from([0, 90, 180, 270]),
    st.tuples(*[st.floats(0, 0.5)] * 2, *[st.floats(0.1, 0.5)] * 2),
)
def test_pixels_that_are_not_square_are_seen_as_people_see_them_and_boxes_come_back_exactly(
    width: int, height: int, pixel: Fraction, rotation: int, part: tuple[float, ...]
) -> None:
    picture = replace(tight(width, height), rotation=rotation, sample_aspect_ratio=pixel)
    letterbox = Letterbox(picture, *INPUT)
    shown = np.array([width * float(pixel), height])
    seen = shown if rotation in (0, 180) else shown[::-1]
    scale = min(np.array(INPUT) / seen)
    # A box of the shown picture, upright, as a detector finds it in its input.
    start, size = np.array(part[:2]) * seen, np.array(part[2:]) * seen
    found = np.array([[*start * scale, *size * scale, 0.9]], np.float32)

    back = letterbox.back(found)[0, :4] * ([float(pixel), 1] * 2)

    (x, y), (across, down) = start, size
    turned = {
        0: (x, y, across, down),
        90: (y, shown[1] - x - across, down, across),
        180: (shown[0] - x - across, shown[1] - y - down, across, down),
        270: (shown[0] - y - down, x, down, across),
    }[rotation]
    # The scaled picture has whole pixels.
    assert np.abs(back - turned).max() <= 2 / scale + 2 * max(1, float(pixel))


def test_an_impossible_shape_of_pixels_is_not_believed() -> None:
    for pixel in (Fraction(1000), Fraction(1, 1000)):
        letterbox = Letterbox(replace(tight(640, 384), sample_aspect_ratio=pixel), *INPUT)
        box = np.array([[10, 20, 30, 40, 0.9]], np.float32)
        np.testing.assert_allclose(letterbox.back(box), box)
