"""The contract of `Source`, for every backend that runs without hardware."""

import itertools
import threading
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import numpy as np
import pytest

from anoncam.clock import Stop
from anoncam.frames.frame import FrameTime
from anoncam.frames.pool import FramePool
from anoncam.sources.base_source import BaseSource
from anoncam.sources.source import Capture, Source
from tests.support.source_benches import MAKERS, SECRET, Bench


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


def test_a_frame_keeps_its_picture_after_capture_and_source_are_closed(bench: Bench) -> None:
    frame = FramePool(bench.source.format, 1).acquire()
    assert frame is not None
    capture = take(bench.source)
    capture.copy_into(frame)
    capture.close()
    bench.source.close()
    for plane, values in zip((frame.luma, *frame.chroma), bench.expected(frame), strict=True):
        np.testing.assert_array_equal(plane, values)


def test_a_frame_has_a_lores_picture_if_its_format_has_one(bench: Bench) -> None:
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


def test_a_capture_stays_valid_after_its_source_is_closed(bench: Bench) -> None:
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
