import gc
import subprocess
import sys
import threading
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from av.filter import Graph
from hypothesis import given
from hypothesis import strategies as st

from anoncam.clock import Stop
from anoncam.frames.frame import Frame, FrameFormat, Layout, tight
from anoncam.frames.pool import FramePool
from tests.support.checkout import ROOT

SMALL = tight(64, 48)

LOCKED = f"""
import sys
from pathlib import Path
sys.path.insert(0, {str(ROOT)!r})
from anoncam.events.event import Event
from tests.support import events
from anoncam.frames.frame import tight
from anoncam.frames.pool import FramePool

def locked():
    lines = Path("/proc/self/status").read_text().splitlines()
    (line,) = [line for line in lines if line.startswith("VmLck:")]
    return int(line.split()[1]) * 1024

log, before = events.attach(), locked()
pool = FramePool(tight(640, 480), 4)
print(locked() - before, 4 * pool.format.size, len(log.of(Event.MEMORY_UNLOCKED)))
"""


def taken(pool: FramePool) -> Frame:
    frame = pool.acquire()
    assert frame is not None
    return frame


def over_its_buffer(frame: Frame) -> av.VideoFrame:
    return av.VideoFrame.from_numpy_buffer(
        frame.buffer, str(frame.format.layout), width=frame.format.width
    )


@given(st.lists(st.booleans(), max_size=40))
def test_no_frame_is_handed_out_twice(releases: list[bool]) -> None:
    pool, out = FramePool(SMALL, 3), list[Frame]()
    for release in releases:
        if release and out:
            pool.release(out.pop(0))
        elif not release:
            frame = pool.acquire()
            assert (frame is None) == (len(out) == 3)
            if frame is not None:
                assert frame not in out
                out.append(frame)
        assert pool.free == 3 - len(out)


def test_frames_share_no_memory() -> None:
    pool = FramePool(SMALL, 4)
    frames = [taken(pool) for _ in range(4)]
    for number, frame in enumerate(frames):
        frame.buffer[:] = number
    assert (
        [int(frame.luma.min()) for frame in frames]
        == [int(frame.luma.max()) for frame in frames]
        == [0, 1, 2, 3]
    )


def test_a_frame_given_back_twice_is_refused() -> None:
    pool = FramePool(SMALL, 2)
    frame = taken(pool)
    pool.release(frame)
    with pytest.raises(ValueError, match="not in use"):
        pool.release(frame)
    assert pool.free == 2


def test_a_frame_of_another_pool_is_refused() -> None:
    pool = FramePool(SMALL, 1)
    with pytest.raises(ValueError, match="not in use"):
        pool.release(taken(FramePool(SMALL, 1)))
    assert pool.free == 1


@pytest.mark.parametrize("layout", Layout)
def test_a_frame_that_libav_refers_to_is_not_used_again_before_it_is_released(
    layout: Layout,
) -> None:
    pool = FramePool(tight(64, 48, layout), 1)
    frame = taken(pool)
    video = over_its_buffer(frame)
    pool.release(frame)
    assert pool.acquire() is None
    del video
    assert pool.acquire() is frame


def test_a_frame_that_a_filter_keeps_is_not_used_again_before_it_is_released() -> None:
    pool = FramePool(SMALL, 1)
    frame = taken(pool)
    graph = Graph()
    video_format = av.VideoFormat("yuv420p", 64, 48)
    source = graph.add_buffer(width=64, height=48, format=video_format, time_base=Fraction(1, 30))
    # It gives back nothing before its input ends.
    held = graph.add("reverse")
    source.link_to(held)
    held.link_to(graph.add("buffersink"))
    graph.configure()
    graph.push(over_its_buffer(frame))
    pool.release(frame)
    gc.collect()
    assert pool.acquire() is None
    graph.push(None)
    picture = graph.pull()
    assert pool.acquire() is None
    del picture, graph, source, held
    gc.collect()
    assert pool.acquire() is frame


def test_a_wait_ends_with_a_frame_that_is_given_back() -> None:
    pool, got = FramePool(SMALL, 1), list[Frame | None]()
    frame = taken(pool)
    thread = threading.Thread(target=lambda: got.append(pool.wait(Stop())))
    thread.start()
    pool.release(frame)
    thread.join(30)
    assert got == [frame]


def test_a_wait_ends_with_the_stop() -> None:
    pool, got, stop = FramePool(SMALL, 1), list[Frame | None](), Stop()
    frame = taken(pool)
    thread = threading.Thread(target=lambda: got.append(pool.wait(stop)))
    thread.start()
    stop.request()
    thread.join(30)
    assert got == [None]
    assert frame not in got


def test_a_frame_has_a_small_picture_where_its_camera_makes_one() -> None:
    small = tight(32, 24, Layout.NV12)
    pool = FramePool(FrameFormat(64, 48, 64, lores=small), 2)
    first, second = taken(pool), taken(pool)
    assert first.lores is not None
    assert second.lores is not None
    assert first.lores.format == small
    assert not np.shares_memory(first.lores.buffer, second.lores.buffer)


def test_the_memory_of_a_pool_is_locked() -> None:
    # In a process of its own, since other tests lock memory too.
    result = subprocess.run(
        [sys.executable, "-c", LOCKED], capture_output=True, text=True, check=True
    )
    locked, size, refusals = (int(number) for number in result.stdout.split())
    if refusals:
        pytest.skip("so much memory may not be locked here (ulimit -l)")
    assert locked >= size


def test_the_memory_of_a_pool_is_in_no_core_dump() -> None:
    pool = FramePool(SMALL, 1)
    address = taken(pool).buffer.ctypes.data
    flags, inside = "", False
    for line in Path("/proc/self/smaps").read_text().splitlines():
        first = line.split()[0]
        if "-" in first and not first.endswith(":"):
            start, end = (int(part, 16) for part in first.split("-"))
            inside = start <= address < end
        elif inside and line.startswith("VmFlags:"):
            flags = line
    assert "dd" in flags.split()
