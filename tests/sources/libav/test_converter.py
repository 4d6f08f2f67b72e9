"""From decoded pictures to frames: every sample arrives, and nothing else is written."""

from dataclasses import replace
from pathlib import Path

import av
import numpy as np
import pytest
from av.filter import Graph

from anoncam.frames.frame import FrameFormat, Layout, tight
from anoncam.frames.pool import FramePool
from anoncam.sources.libav.converter import Converter
from tests.support.clips import LOSSLESS_H264, equal, make_clip, picture, samples
from tests.support.frames import blank
from tests.support.reading import frames, numbers_until_it_breaks, open_clip


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


LOSSLESS = [
    ("libx264", "yuv420p", "mp4", LOSSLESS_H264),
    ("libx264", "yuv420p", "ts", LOSSLESS_H264),
    ("ffv1", "yuv420p", "mkv", {}),
    ("rawvideo", "yuv420p", "nut", {}),
    ("ffv1", "gray", "mkv", {}),
]


@pytest.mark.integration
@pytest.mark.parametrize(("codec", "pix_fmt", "ending", "options"), LOSSLESS)
@pytest.mark.parametrize("size", [(96, 64), (642, 362)])
def test_a_picture_in_yuv420p_or_gray_arrives_to_the_sample(
    tmp_path: Path,
    codec: str,
    pix_fmt: str,
    ending: str,
    options: dict[str, str],
    size: tuple[int, int],
) -> None:
    clip = make_clip(
        tmp_path / f"clip.{ending}",
        codec,
        size=size,
        pix_fmt=pix_fmt,
        options=options,
        times=range(3),
    )
    with open_clip(clip) as source:
        for number, frame in enumerate(frames(source)):
            luma, *chroma = samples(*size, number)
            if pix_fmt == "gray":
                chroma = [np.full_like(plane, 128) for plane in chroma]
            assert equal((frame.luma, *frame.chroma), (luma, *chroma))
    assert number == 2


@pytest.mark.integration
def test_odd_sizes_arrive_to_the_sample(tmp_path: Path) -> None:
    clip = make_clip(tmp_path / "odd.mkv", "ffv1", size=(641, 361), times=range(2))
    with open_clip(clip) as source:
        assert (source.format.width, source.format.height, source.format.stride) == (641, 361, 642)
        for number, frame in enumerate(frames(source)):
            assert equal((frame.luma, *frame.chroma), samples(641, 361, number))


@pytest.mark.integration
def test_nv12_stays_nv12(tmp_path: Path) -> None:
    clip = make_clip(tmp_path / "clip.nut", "rawvideo", pix_fmt="nv12", times=range(2))
    with open_clip(clip) as source:
        assert source.format.layout is Layout.NV12
        for number, frame in enumerate(frames(source)):
            luma, *chroma = samples(96, 64, number)
            assert equal((frame.luma, *frame.chroma), (luma, np.stack(chroma, axis=2)))


@pytest.mark.integration
@pytest.mark.parametrize("pix_fmt", ["yuv422p", "yuv444p", "yuv420p10le", "yuv422p10le"])
def test_other_kinds_of_yuv_keep_their_brightness(tmp_path: Path, pix_fmt: str) -> None:
    clip = make_clip(tmp_path / "clip.mkv", "ffv1", size=(641, 361), pix_fmt=pix_fmt, times=[0])
    with open_clip(clip) as source:
        assert source.format.layout is Layout.I420
        frame = next(frames(source))
        difference = frame.luma.astype(int) - samples(641, 361, 0)[0]
        assert np.abs(difference).max() <= 1


@pytest.mark.integration
@pytest.mark.parametrize(
    ("codec", "pix_fmt", "ending", "options"),
    [
        ("mpeg4", "yuv420p", "avi", {"qscale": "1", "flags": "+qscale", "global_quality": "118"}),
        (
            "libvpx-vp9",
            "yuv420p",
            "webm",
            {"lossless": "1", "deadline": "realtime", "cpu-used": "8"},
        ),
        ("mjpeg", "yuvj420p", "avi", {"qmin": "1", "qmax": "1"}),
        ("mjpeg", "yuvj422p", "mov", {"qmin": "1", "qmax": "1"}),
    ],
)
def test_all_frames_of_lossy_videos_arrive(
    tmp_path: Path, codec: str, pix_fmt: str, ending: str, options: dict[str, str]
) -> None:
    clip = make_clip(
        tmp_path / f"clip.{ending}", codec, size=(320, 240), pix_fmt=pix_fmt, options=options
    )
    with open_clip(clip) as source:
        count = sum(1 for _ in frames(source))
        assert count == 10
        assert source.frames == 10
        assert source.format.color_range == (2 if codec == "mjpeg" else source.format.color_range)


@pytest.mark.integration
def test_pictures_of_another_size_than_the_first_are_refused_and_never_stretched(
    tmp_path: Path,
) -> None:
    parts = [
        make_clip(
            tmp_path / f"{width}.h264",
            size=(width, 64),
            times=range(4),
            options={**LOSSLESS_H264, "qp": "10"},
        )
        for width in (96, 160)
    ]
    path = tmp_path / "both.h264"
    path.write_bytes(b"".join(part.read_bytes() for part in parts))
    with open_clip(path) as source:
        read, text = numbers_until_it_breaks(source)
    assert len(read) == 4
    assert "changes the size of its pictures from 96x64 to 160x64 at 0.16 s" in text


@pytest.mark.parametrize("pix_fmt", ["yuv420p", "yuv444p"])
@pytest.mark.parametrize(
    ("first", "later", "white", "expected"),
    [(1, 2, 255, 235), (0, 2, 255, 235), (2, 1, 235, 255), (2, 0, 235, 235), (0, 1, 235, 235)],
)
def test_a_joined_clip_of_another_range_keeps_its_brightness(
    pix_fmt: str, first: int, later: int, white: int, expected: int
) -> None:
    source = av.VideoFrame(96, 64, pix_fmt)
    for plane, level in zip(source.planes, (white, 128, 128), strict=False):
        plane.update(bytes([level]) * plane.buffer_size)
    source.color_range = later
    frame = blank(FrameFormat(96, 64, 96, color_range=first))
    Converter().copy(source, frame)
    assert set(frame.luma.flat) == {expected}
    # Other subsampling is averaged, and may be rounded down.
    assert all(set(plane.flat) <= {127, 128} for plane in frame.chroma)
