from dataclasses import replace

import numpy as np
import pytest
from av import VideoFrame
from hypothesis import given

from anoncam.frames.frame import FrameFormat, Layout, lay_out, tight
from tests.support.covering import formats, planes
from tests.support.frames import blank


@given(formats())
def test_planes_are_views_that_overlap_nowhere_and_leave_out_the_padding(
    frame_format: FrameFormat,
) -> None:
    frame = blank(frame_format)
    frame.buffer[:] = 0
    for plane in planes(frame):
        np.add(plane, 1, out=plane)
    width, height = frame_format.width, frame_format.height
    chroma = -(-width // 2) * -(-height // 2)
    assert frame.luma.shape == (height, width)
    assert all(plane.shape == (-(-height // 2), -(-width // 2)) for plane in planes(frame)[1:])
    assert frame.buffer.max() == 1
    assert frame.buffer.sum() == width * height + 2 * chroma


@pytest.mark.parametrize("layout", Layout)
@pytest.mark.parametrize("padding", [0, 64])
def test_libav_finds_the_planes_where_they_are(layout: Layout, padding: int) -> None:
    frame_format = replace(tight(64, 48, layout), stride=64 + padding)
    frame = blank(frame_format)
    values = (60, 90, 180)
    for plane, value in zip(planes(frame), values, strict=True):
        plane[:] = value
    video = VideoFrame.from_numpy_buffer(frame.buffer, str(layout), width=64)
    assert [int(plane.mean()) for plane in video.reformat(format="yuv444p").to_ndarray()] == [
        *values
    ]


@given(formats())
def test_a_frame_has_the_size_that_its_format_says(frame_format: FrameFormat) -> None:
    buffer = np.zeros(frame_format.size, np.uint8).reshape(frame_format.rows, frame_format.stride)
    assert lay_out(buffer, frame_format).buffer is buffer


def test_a_tight_format_pads_an_odd_width_only() -> None:
    assert tight(64, 48).stride == 64
    assert tight(63, 48).stride == 64
    assert tight(63, 47).rows == 72
