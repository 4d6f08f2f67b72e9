"""The contract of `Source`, held against every backend that can run without hardware."""

import itertools
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import cast

import numpy as np
import pytest

from anoncam.clock import NANOSECONDS, Stop, SystemClock
from anoncam.frames.frame import Frame, FrameTime, Layout, Plane
from anoncam.frames.pool import FramePool
from anoncam.sources.base_source import BaseSource
from anoncam.sources.file import FileSource
from anoncam.sources.picamera2 import Picamera2Source
from anoncam.sources.rtsp import RtspSource
from anoncam.sources.simulated_picamera2 import SimulatedCamera, SimulatedLibrary
from anoncam.sources.source import Capture, Source
from anoncam.sources.synthetic import SyntheticSource
from tests.support.clips import make_clip, samples
from tests.support.rtsp_server import RtspCamera

SECRET = "hunter2"  # noqa: S105
SIZE = (96, 64)


@dataclass
class Bench:
    """A source on the test bench, and what its frames must hold."""

    source: Source
    stop: Stop
    expected: Callable[[Frame], list[Plane]]
    block: Callable[[], None]
    """Make `read` wait for long, from the next frame or the one after on."""


Maker = Callable[[Path, Stop, ExitStack], Bench]


def clip_samples(frame: Frame) -> list[Plane]:
    return list(samples(frame.format.width, frame.format.height, int(frame.luma[0, 0])))


def make_file(folder: Path, stop: Stop, _: ExitStack) -> Bench:
    clip = make_clip(folder / "clip.mp4", size=SIZE)
    source = FileSource(clip, paced=False, loop=False, clock=SystemClock(), stop=stop)
    return Bench(source, stop, clip_samples, lambda: None)


def make_paced(folder: Path, stop: Stop, _: ExitStack) -> Bench:
    times = [*range(8), 100_000]
    clip = make_clip(
        folder / "clip.mkv", size=SIZE, times=times, time_base=Fraction(1, 100), rate=100
    )
    source = FileSource(clip, paced=True, loop=True, clock=SystemClock(), stop=stop)
    return Bench(source, stop, clip_samples, lambda: None)


def make_picture(folder: Path, stop: Stop, _: ExitStack) -> Bench:
    path = make_clip(
        folder / "still.png",
        "png",
        size=SIZE,
        pix_fmt="gray",
        times=[0],
        muxer_options={"update": "1"},
    )
    source = FileSource(path, paced=True, loop=True, clock=SystemClock(), stop=stop)

    def expected(frame: Frame) -> list[Plane]:
        luma = samples(*SIZE, 0)[0]
        return [luma, *(np.full_like(plane, 128) for plane in frame.chroma)]

    return Bench(source, stop, expected, lambda: None)


def make_synthetic(layout: Layout, stride: int) -> Maker:
    def make(_: Path, stop: Stop, __: ExitStack) -> Bench:
        source = SyntheticSource(
            96, 64, Fraction(100), clock=SystemClock(), stop=stop, layout=layout, stride=stride
        )
        begin: list[int] = []

        def expected(frame: Frame) -> list[Plane]:
            begin.append(frame.timestamp)
            count = 1 + round((frame.timestamp - source.begin) * 100 / NANOSECONDS)
            planes = [
                bars(96, 64, 8, 4 * count),
                bars(48, 32, 3, 2 * count),
                bars(48, 32, 2, 2 * count)[::-1],
            ]
            return interleaved(planes) if layout is Layout.NV12 else planes

        return Bench(source, stop, expected, lambda: None)

    return make


def bars(width: int, height: int, count: int, shift: int) -> Plane:
    """`count` ramps across the width, darker at the top, moved to the left."""
    ramp = (np.arange(width) + shift) % width * count * 192 // width % 192
    return cast(
        Plane,
        (32 + ramp * (64 + np.arange(height)[:, None] * 192 // height) // 256).astype(np.uint8),
    )


def interleaved(planes: list[Plane]) -> list[Plane]:
    return [planes[0], np.stack(planes[1:], axis=2)]


def make_simulated(layout: Layout, width: int) -> Maker:
    def make(_: Path, stop: Stop, __: ExitStack) -> Bench:
        camera = SimulatedCamera(layout)
        source = Picamera2Source(
            width,
            64,
            Fraction(100),
            silence=5,
            clock=SystemClock(),
            stop=stop,
            library=SimulatedLibrary(camera),
        )

        def expected(frame: Frame) -> list[Plane]:
            number = int(frame.luma[0, 0])
            across = np.arange(width)[None, :] + np.arange(64)[:, None]
            halves = [np.full((32, width // 2), value + number, np.uint8) for value in (64, 164)]
            planes = [(across + number).astype(np.uint8), *halves]
            return interleaved(planes) if layout is Layout.NV12 else planes

        return Bench(source, stop, expected, camera.hang)

    return make


def make_rtsp(_: Path, stop: Stop, stack: ExitStack) -> Bench:
    camera = stack.enter_context(RtspCamera(user="admin", password=SECRET))
    address = camera.address.replace("rtsp://", f"rtsp://admin:{SECRET}@")
    source = RtspSource(address, clock=SystemClock(), stop=stop, silence=20)
    return Bench(source, stop, clip_samples, camera.go_silent)


MAKERS: dict[str, Maker] = {
    "file": make_file,
    "file, paced and looped": make_paced,
    "picture, paced and looped": make_picture,
    "synthetic I420": make_synthetic(Layout.I420, 96),
    "synthetic NV12 with padding": make_synthetic(Layout.NV12, 128),
    "camera I420 with padding": make_simulated(Layout.I420, 96),
    "camera NV12 with padding": make_simulated(Layout.NV12, 96),
    "camera I420 with lores": make_simulated(Layout.I420, 1000),
    "camera NV12 with lores": make_simulated(Layout.NV12, 1000),
    "rtsp": make_rtsp,
}


@pytest.fixture(params=list(MAKERS.values()), ids=list(MAKERS))
def bench(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Bench]:
    with ExitStack() as stack:
        made: Bench = request.param(tmp_path, Stop(), stack)
        with made.source:
            yield made


def take(source: Source) -> Capture:
    capture = source.read()
    assert capture is not None
    return capture


def test_both_times_grow_strictly(bench: Bench) -> None:
    times = []
    for _ in range(6):
        capture = take(bench.source)
        times.append(capture.time)
        capture.close()
    for earlier, later in itertools.pairwise(times):
        assert later.arrival > earlier.arrival
        assert later.presentation > earlier.presentation


def test_a_frame_holds_the_picture_to_the_sample_and_its_timestamp(bench: Bench) -> None:
    pool = FramePool(bench.source.format, 1)
    for _ in range(4):
        frame = pool.acquire()
        assert frame is not None
        capture = take(bench.source)
        capture.copy_into(frame)
        assert FrameTime(frame.timestamp, frame.presentation) == capture.time
        for plane, values in zip((frame.luma, *frame.chroma), bench.expected(frame), strict=True):
            np.testing.assert_array_equal(plane, values)
        capture.close()
        pool.release(frame)


def test_the_buffer_of_the_source_is_not_touched_when_the_frame_is_overwritten(
    bench: Bench,
) -> None:
    pool = FramePool(bench.source.format, 2)
    first, second = pool.acquire(), pool.acquire()
    assert first is not None
    assert second is not None
    capture = take(bench.source)
    capture.copy_into(first)
    planes = [plane.copy() for plane in (first.luma, *first.chroma)]
    first.buffer[:] = 7
    capture.copy_into(second)
    for plane, values in zip((second.luma, *second.chroma), planes, strict=True):
        np.testing.assert_array_equal(plane, values)
    capture.close()


def test_a_frame_is_its_own_when_the_capture_and_the_source_are_closed(bench: Bench) -> None:
    frame = FramePool(bench.source.format, 1).acquire()
    assert frame is not None
    capture = take(bench.source)
    capture.copy_into(frame)
    capture.close()
    bench.source.close()
    for plane, values in zip((frame.luma, *frame.chroma), bench.expected(frame), strict=True):
        np.testing.assert_array_equal(plane, values)


def test_the_small_picture_is_there_when_the_format_promises_it(bench: Bench) -> None:
    frame = FramePool(bench.source.format, 1).acquire()
    assert frame is not None
    capture = take(bench.source)
    capture.copy_into(frame)
    capture.close()
    promised = bench.source.format.lores
    assert (frame.lores is not None) == (promised is not None)
    if frame.lores is not None and promised is not None:
        number = int(frame.luma[0, 0])
        across = np.arange(promised.width)[None, :] + np.arange(promised.height)[:, None]
        np.testing.assert_array_equal(frame.lores.luma, (across + number).astype(np.uint8))


def test_read_gives_nothing_once_the_stop_is_requested(bench: Bench) -> None:
    take(bench.source).close()
    bench.stop.request()
    assert bench.source.read() is None


@pytest.mark.parametrize("ending", ["stop", "close"])
def test_the_stop_and_close_end_a_read_that_waits(bench: Bench, ending: str) -> None:
    bench.block()
    reading = threading.Event()
    finished = threading.Event()

    def read_on() -> None:
        while (capture := bench.source.read()) is not None:
            capture.close()
            reading.set()
        finished.set()

    thread = threading.Thread(target=read_on)
    thread.start()
    reading.wait(0.3)
    bench.stop.request() if ending == "stop" else bench.source.close()
    assert finished.wait(10)
    thread.join()


def test_close_may_be_called_again_and_nothing_is_read_afterwards(bench: Bench) -> None:
    bench.source.close()
    bench.source.close()
    assert bench.source.read() is None


def test_a_capture_that_is_still_out_survives_the_close_of_its_source(bench: Bench) -> None:
    pool = FramePool(bench.source.format, 1)
    frame = pool.acquire()
    assert frame is not None
    capture = take(bench.source)
    bench.source.close()
    capture.copy_into(frame)
    capture.close()
    capture.close()
    for plane, values in zip((frame.luma, *frame.chroma), bench.expected(frame), strict=True):
        np.testing.assert_array_equal(plane, values)


def test_the_format_is_that_of_the_frames(bench: Bench) -> None:
    frame_format = bench.source.format
    assert frame_format.stride % 2 == 0
    assert frame_format.stride >= frame_format.width
    assert frame_format.frame_rate > 0
    frame = FramePool(frame_format, 1).acquire()
    assert frame is not None
    assert [plane.shape for plane in bench.expected(frame)] == [
        frame.luma.shape,
        *(c.shape for c in frame.chroma),
    ]


def test_the_description_holds_no_secret(bench: Bench) -> None:
    assert bench.source.description
    assert SECRET not in bench.source.description
    assert isinstance(bench.source, BaseSource)
