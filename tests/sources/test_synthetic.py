import threading
from fractions import Fraction

import numpy as np
import pytest

from anoncam.clock import NANOSECONDS, Stop
from anoncam.frames.frame import Layout, Plane
from anoncam.frames.pool import FramePool
from anoncam.sources.synthetic import SyntheticSource
from tests.support.frames import FakeClock


class WaitingStop(Stop):
    """A stop whose waits move the clock instead of taking time."""

    def __init__(self, clock: FakeClock) -> None:
        super().__init__()
        self._clock = clock

    def wait(self, seconds: float) -> bool:
        self._clock.advance(seconds)
        return self.requested


def picture(source: SyntheticSource) -> tuple[int, list[Plane]]:
    frame = FramePool(source.format, 1).acquire()
    capture = source.read()
    assert frame is not None
    assert capture is not None
    capture.copy_into(frame)
    return frame.timestamp, [frame.luma, *frame.chroma]


def test_frames_come_at_their_rate_and_not_before() -> None:
    clock = FakeClock()
    source = SyntheticSource(64, 48, Fraction(25), clock=clock, stop=WaitingStop(clock))
    for index in range(5):
        timestamp, _ = picture(source)
        assert timestamp == index * NANOSECONDS // 25
        assert timestamp <= clock.monotonic() <= timestamp + 1000


def test_a_late_reader_gets_the_present_picture() -> None:
    clock = FakeClock()
    source = SyntheticSource(64, 48, Fraction(25), clock=clock, stop=WaitingStop(clock))
    picture(source)
    clock.advance(1)
    timestamp, _ = picture(source)
    assert timestamp == NANOSECONDS


@pytest.mark.parametrize("layout", list(Layout))
@pytest.mark.parametrize("size", [(64, 48), (641, 361), (65, 2)])
def test_the_picture_moves_in_luma_and_chroma_at_any_size(
    layout: Layout, size: tuple[int, int]
) -> None:
    clock = FakeClock()
    source = SyntheticSource(
        *size, Fraction(25), clock=clock, stop=WaitingStop(clock), layout=layout
    )
    _, first = picture(source)
    _, second = picture(source)
    for plane, later in zip(first, second, strict=True):
        assert not np.array_equal(plane, later)
    np.testing.assert_array_equal(first[0][:, 4:], second[0][:, :-4])


def test_the_stop_ends_the_wait_for_the_next_frame() -> None:
    stop = Stop()
    source = SyntheticSource(64, 48, Fraction(1, 100), clock=FakeClock(), stop=stop)
    first = source.read()
    assert first is not None
    results: list[object] = []
    thread = threading.Thread(target=lambda: results.append(source.read()))
    thread.start()
    stop.request()
    thread.join()
    assert results == [None]
