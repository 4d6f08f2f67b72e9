"""Clocks, which are passed to whatever needs the time, and the token that ends every wait."""

import ctypes
import threading
import time
from datetime import UTC, datetime
from typing import Protocol

NANOSECONDS = 1_000_000_000
"""Nanoseconds in a second: timestamps are integers of nanoseconds, settings are seconds."""

_libc = ctypes.CDLL(None, use_errno=True)

# linux/timex.h: the call's result for a clock that nothing has set, and room for struct timex.
_TIME_ERROR = 5
_TIMEX_WORDS = 64


class Clock(Protocol):
    """A source of the time; tests pass one of their own."""

    def monotonic(self) -> int:
        """Nanoseconds since some fixed time, never going back (CLOCK_MONOTONIC)."""
        ...

    def utc(self) -> datetime:
        """The wall-clock time in UTC, which may jump."""
        ...


class SystemClock:
    """The clock of the machine."""

    def monotonic(self) -> int:
        """Nanoseconds since boot, never going back."""
        return time.monotonic_ns()

    def utc(self) -> datetime:
        """The wall-clock time in UTC."""
        return datetime.now(UTC)


def is_synchronized() -> bool:
    """Whether the kernel reports the wall clock as synchronised by an NTP client (adjtimex(2))."""
    timex = (ctypes.c_long * _TIMEX_WORDS)()
    state = int(_libc.adjtimex(ctypes.byref(timex)))
    return 0 <= state < _TIME_ERROR


class Stop:
    """Set once, seen by every thread.

    >>> stop = Stop()
    >>> stop.wait(0.01)
    False
    >>> stop.request()
    >>> stop.wait(60)
    True
    """

    def __init__(self) -> None:
        self._event = threading.Event()

    @property
    def requested(self) -> bool:
        """Whether a stop was requested."""
        return self._event.is_set()

    def request(self) -> None:
        """Request a stop of everything that holds this token; a second request does nothing."""
        self._event.set()

    def wait(self, seconds: float) -> bool:
        """Wait for at most `seconds`, and return whether the stop was requested."""
        return self._event.wait(seconds)
