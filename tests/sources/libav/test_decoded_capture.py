from dataclasses import replace

import av
import numpy as np
import pytest
from av.filter import Graph

from anoncam.frames.frame import FrameTime, Layout, tight
from anoncam.frames.pool import FramePool
from anoncam.sources.libav.decoded_capture import Converter, DecodedCapture
from anoncam.sources.shared_handle import SharedHandle
from tests.support.clips import equal, picture, samples
from tests.support.frames import blank


def test_a_picture_that_lies_upside_down_in_memory_is_read_from_its_top() -> None:
    graph = Graph()
    source = graph.add_buffer(width=96, height=64, format="yuv420p", time_base=av.time_base)  # type: ignore[arg-type]
    flip, sink = graph.add("vflip"), graph.add("buffersink")
    source.link_to(flip)
    flip.link_to(sink)
    graph.configure()
    graph.push(picture(96, 64, 3))
    flipped = graph.pull()
    assert isinstance(flipped, av.VideoFrame)
    assert flipped.planes[0].line_size < 0
    frame = blank(tight(96, 64))
    Converter().copy(flipped, frame)
    assert equal((frame.luma, *frame.chroma), [plane[::-1] for plane in samples(96, 64, 3)])


@pytest.mark.parametrize("size", [(96, 64), (97, 65), (98, 66)])
@pytest.mark.parametrize("padding", [0, 2, 30])
def test_the_padding_of_the_frame_is_never_written(size: tuple[int, int], padding: int) -> None:
    plain = tight(*size)
    frame = blank(replace(plain, stride=plain.stride + padding))
    frame.buffer[:] = 0
    for plane in (frame.luma, *frame.chroma):
        plane[:] = 1
    outside = frame.buffer == 0
    frame.buffer[outside] = 99
    Converter().copy(picture(*size, 5), frame)
    assert equal((frame.luma, *frame.chroma), samples(*size, 5))
    assert (frame.buffer[outside] == 99).all()


def test_a_frame_of_another_layout_is_converted() -> None:
    frame = blank(tight(96, 64, Layout.NV12))
    Converter().copy(picture(96, 64, 7), frame)
    luma, first, second = samples(96, 64, 7)
    assert equal((frame.luma, *frame.chroma), (luma, np.stack([first, second], axis=2)))


def test_converting_leaves_the_decoders_frame_as_it_is() -> None:
    source = picture(96, 64, 7, "yuv422p")
    before = [bytes(plane) for plane in source.planes]
    frame = FramePool(tight(96, 64), 1).acquire()
    assert frame is not None
    Converter().copy(source, frame)
    frame.buffer[:] = 0
    assert [bytes(plane) for plane in source.planes] == before


def test_a_closed_capture_gives_nothing_more() -> None:
    handle = SharedHandle(lambda: None)
    capture = DecodedCapture(picture(96, 64, 0), FrameTime(0, 0), Converter(), handle)
    capture.close()
    with pytest.raises(ValueError, match="closed"):
        capture.copy_into(blank(tight(96, 64)))
