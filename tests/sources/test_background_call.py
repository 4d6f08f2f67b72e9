import threading

import pytest

from anoncam.clock import Stop
from anoncam.errors import CameraError, StoppedError
from anoncam.sources.background_call import BackgroundCall


def test_the_result_of_the_call_is_returned() -> None:
    assert BackgroundCall(lambda: 5, "five").result(60) == 5


def test_an_exception_of_the_call_is_raised_by_result() -> None:
    with pytest.raises(ZeroDivisionError):
        BackgroundCall(lambda: 1 // 0, "division").result(60)


def test_a_call_that_hangs_is_left_behind() -> None:
    release = threading.Event()
    with pytest.raises(CameraError, match="the camera has been hanging"):
        BackgroundCall(release.wait, "the camera").result(0.1)
    release.set()


def test_the_stop_ends_the_wait_for_a_call_that_hangs() -> None:
    release, stop = threading.Event(), Stop()
    stop.request()
    with pytest.raises(StoppedError):
        BackgroundCall(release.wait, "the camera").result(60, stop)
    release.set()
