from collections.abc import Callable

import pytest

from anoncam.clock import Stop, SystemClock
from anoncam.errors import CameraError
from anoncam.sources.base_source import BaseSource


class Breaking(BaseSource):
    """Breaks off in the middle of a read, after `meanwhile`."""

    def __init__(self, stop: Stop) -> None:
        super().__init__(stop, SystemClock())
        self.meanwhile: Callable[[], object] = lambda: None

    def _read(self) -> None:
        self.meanwhile()
        raise CameraError("the connection broke")

    def _release(self) -> None:
        """Nothing is open."""


def test_a_source_that_breaks_off_after_the_stop_has_ended_and_is_not_broken() -> None:
    stop = Stop()
    source = Breaking(stop)
    with pytest.raises(CameraError):
        source.read()
    source.meanwhile = stop.request
    assert source.read() is None


def test_a_source_that_breaks_off_after_it_was_closed_has_ended_and_is_not_broken() -> None:
    source = Breaking(Stop())
    source.meanwhile = source.close
    assert source.read() is None
