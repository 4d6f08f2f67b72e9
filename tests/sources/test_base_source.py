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


@pytest.mark.parametrize("ending", ["stop", "close"])
def test_a_read_that_fails_after_the_stop_or_the_close_only_ends(ending: str) -> None:
    stop = Stop()
    source = Breaking(stop)
    with pytest.raises(CameraError):
        source.read()
    source.meanwhile = stop.request if ending == "stop" else source.close
    assert source.read() is None
