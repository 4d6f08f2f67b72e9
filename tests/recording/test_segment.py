"""What a segment returns for the frames that it encodes."""

import io
import math
from dataclasses import replace
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import av
import numpy as np
import pytest

from anoncam.clock import NANOSECONDS
from anoncam.frames.frame import FrameFormat, Layout, tight
from anoncam.recording.h264_stream import exact_planes, interval
from anoncam.recording.segment import Segment
from anoncam.segments.mp4_boxes import walk
from tests.support.frames import as_anonymized, blank, moving, small_format

pytestmark = pytest.mark.integration


def seconds(value: float) -> int:
    return round(value * NANOSECONDS)


def played(file: Path | io.BytesIO) -> list[tuple[float, bool]]:
    with av.open(file if isinstance(file, io.BytesIO) else str(file), "r") as container:
        return [(float(frame.time), frame.key_frame) for frame in container.decode(video=0)]


def kinds(data: bytes) -> list[str]:
    return [box.kind.decode() for box in walk(io.BytesIO(data), len(data))]


def fragments(frame_format: FrameFormat, stamps: list[int]) -> tuple[list[bytes], bytes]:
    segment = Segment(
        "libx264", frame_format, 4000, start=stamps[0], interval=interval(frame_format)
    )
    return [segment.write(moving(frame_format, stamp)) for stamp in stamps], segment.finish()


def test_each_second_is_one_fragment_that_starts_with_a_keyframe() -> None:
    stamps = [seconds(index / 10) for index in range(35)]
    data, rest = fragments(small_format(), stamps)
    assert [index for index, part in enumerate(data) if part] == [10, 20, 30]
    assert kinds(data[10]) == ["ftyp", "moov", "moof", "mdat", "free"]
    assert kinds(data[20]) == ["moof", "mdat", "free"]
    frames = played(io.BytesIO(b"".join(data) + rest))
    assert len(frames) == 35
    assert [time for time, key in frames if key] == [0, 1, 2, 3]


def test_jitter_of_the_timestamps_does_not_stretch_a_fragment() -> None:
    stamps = [seconds(index / 10 + 0.04 * math.sin(index * 7)) for index in range(40)]
    data, rest = fragments(small_format(), stamps)
    keys = [time for time, key in played(io.BytesIO(b"".join(data) + rest)) if key]
    assert max(after - before for before, after in pairwise(keys)) <= 1.09


def test_a_frame_leaves_the_encoder_within_a_second() -> None:
    stamps = [seconds(index / 10) for index in range(25)]
    segment = Segment("libx264", small_format(), 4000, start=0, interval=interval(small_format()))
    given = b""
    for index, stamp in enumerate(stamps):
        given += segment.write(moving(small_format(), stamp))
        old = index + 1 - 11
        if old > 0:
            assert len(played(io.BytesIO(given))) >= old
    segment.abandon()


@pytest.mark.parametrize("layout", [Layout.I420, Layout.NV12])
def test_size_colours_aspect_and_rotation_survive(layout: Layout) -> None:
    frame_format = FrameFormat(
        98,
        50,
        128,
        layout,
        rotation=90,
        sample_aspect_ratio=Fraction(4, 3),
        color_range=2,
        colorspace=1,
        color_primaries=1,
        color_trc=13,
    )
    data, rest = fragments(frame_format, [0, 10**8])
    with av.open(io.BytesIO(b"".join(data) + rest), "r") as container:
        stream = container.streams.video[0]
        frame = next(container.decode(video=0))
        assert (frame.width, frame.height, stream.sample_aspect_ratio) == (98, 50, Fraction(4, 3))
        tags = (frame.color_range, frame.colorspace, frame.color_primaries, frame.color_trc)
        assert tags == (2, 1, 1, 13)
        # libav's angle is counter-clockwise: 90 degrees clockwise make it upright.
        assert frame.rotation == -90
        assert stream.metadata.keys() <= {"language", "handler_name"}
        luma = frame.to_ndarray(format="gray")
    assert luma[2].mean() > luma[-3].mean() + 80


@pytest.mark.parametrize(("width", "height"), [(65, 47), (64, 47), (65, 48)])
def test_an_odd_side_grows_by_one_that_repeats_what_is_beside_it(width: int, height: int) -> None:
    frame = blank(tight(width, height))
    frame.buffer[:] = 255
    frame.luma[:] = 60
    for plane in frame.chroma:
        plane[:] = 128
    segment = Segment("libx264", frame.format, 4000, start=0, interval=interval(frame.format))
    data = segment.write(as_anonymized(frame)) + segment.finish()
    with av.open(io.BytesIO(data), "r") as container:
        picture = next(container.decode(video=0))
    assert (picture.width, picture.height) == (width + width % 2, height + height % 2)
    assert picture.format.name == "yuv420p"
    # What lay beside the picture in memory, 255, is nowhere.
    assert picture.to_ndarray(format="gray").max() < 70


@pytest.mark.parametrize("height", [44, 45, 46, 47, 48, 50])
@pytest.mark.parametrize("width", [64, 65, 66])
@pytest.mark.parametrize("layout", [Layout.I420, Layout.NV12])
def test_every_size_and_padding_is_recorded_pixel_for_pixel(
    width: int, height: int, layout: Layout
) -> None:
    frame = blank(FrameFormat(width, height, 80, layout))
    frame.luma[:] = np.linspace(40, 220, height, dtype=np.uint8)[:, None]
    frame.luma[:, : width // 2] -= 20
    for plane, value in zip(frame.chroma, (90, 160), strict=False):
        plane[:] = value if layout is Layout.I420 else (90, 160)
    planes = exact_planes(as_anonymized(frame))
    np.testing.assert_array_equal(planes[0], frame.luma)
    assert {tuple(set(plane.flat)) for plane in planes[1:]} == {(90,), (160,)}
    segment = Segment("libx264", frame.format, 4000, start=0, interval=interval(frame.format))
    data = segment.write(as_anonymized(frame)) + segment.finish()
    with av.open(io.BytesIO(data), "r") as container:
        video = next(container.decode(video=0))
    assert (video.width, video.height) == (width + width % 2, height + height % 2)
    decoded = video.reformat(format="yuv444p").to_ndarray()[:, :height, :width]
    assert np.abs(decoded[0].astype(int) - frame.luma).mean() < 4
    assert [plane.mean() for plane in decoded[1:]] == pytest.approx([90, 160], abs=2)


def test_the_bitrate_is_met_even_for_noise(tmp_path: Path) -> None:
    frame_format = replace(tight(320, 240), frame_rate=Fraction(10))
    noise = np.random.default_rng(1)
    segment = Segment("libx264", frame_format, 500, start=0, interval=interval(frame_format))
    size = 0
    for index in range(40):
        frame = blank(frame_format)
        frame.luma[:] = noise.integers(0, 256, frame.luma.shape, np.uint8)
        frame.timestamp = seconds(index / 10)
        size += len(segment.write(as_anonymized(frame)))
    size += len(segment.finish())
    assert size * 8 / 4 < 1.5 * 500_000
