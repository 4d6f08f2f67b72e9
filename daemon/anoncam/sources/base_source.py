"""What all sources share: closing while another thread reads, and waits that end with the stop."""

from abc import ABC, abstractmethod
from types import TracebackType
from typing import Self

from anoncam.clock import NANOSECONDS, Clock, Stop
from anoncam.errors import InputError
from anoncam.frames.frame import FrameFormat
from anoncam.sources.shared_handle import SharedHandle
from anoncam.sources.source import Capture

_CLOSED_CHECK = 0.05
"""Seconds after which a wait checks whether the source was closed meanwhile."""


class BaseSource(ABC):
    """A source with a `SharedHandle`.

    A backend adds `description`, `format`, `live`, `_read` and `_release`.
    """

    description: str
    format: FrameFormat
    live: bool

    def __init__(self, stop: Stop, clock: Clock) -> None:
        self._stop = stop
        self._clock = clock
        self._handle = SharedHandle(self._release)

    @property
    def silence(self) -> float:
        """Seconds that may pass now without a capture; 0 for a source that cannot get lost."""
        return 0.0

    @property
    def lost(self) -> int:
        """How many pictures were not read in time so far, as far as the backend knows."""
        return 0

    @property
    def damaged(self) -> int:
        """How many pictures came damaged so far, as far as the backend knows."""
        return 0

    @abstractmethod
    def _read(self) -> Capture | None:
        """Wait for the next capture; it is called while the handle is in use."""

    @abstractmethod
    def _release(self) -> None:
        """Close the device or file; it is called once, when nobody uses the handle any more."""

    def read(self) -> Capture | None:
        """Wait for the next capture; None at the end, or once a stop or the close was requested."""
        with self._handle.using() as usable:
            try:
                return self._read() if usable and not self._ended else None
            except InputError:
                # Closing makes a read fail, which is no fault of the source.
                if self._ended:
                    return None
                raise

    def close(self) -> None:
        """Close the device or file as soon as no read and no capture uses it; idempotent."""
        self._handle.close()

    @property
    def _ended(self) -> bool:
        return self._stop.requested or self._handle.closing

    def _sleep_until(self, due: int) -> bool:
        """Wait until the clock shows `due`; False if the stop or the close came first."""
        while not self._ended:
            remaining = due - self._clock.monotonic()
            if remaining <= 0:
                return True
            self._stop.wait(min(remaining / NANOSECONDS, _CLOSED_CHECK))
        return False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()
