"""Clocks, how times are written, and the token that ends every wait.

A time for machines is in UTC and ends with Z. A time for people is local and has its offset.
"""

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


# Far from the ends of what a datetime can hold, so every zone can show the time.
_EARLIEST_YEAR, _LATEST_YEAR = 1900, 9000


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


def utc_text(at: datetime, timespec: str = "seconds") -> str:
    """A time for machines, in UTC.

    >>> utc_text(datetime(2026, 1, 31, 18, tzinfo=UTC))
    '2026-01-31T18:00:00Z'
    """
    return at.astimezone(UTC).isoformat(timespec=timespec).removesuffix("+00:00") + "Z"


def local_text(at: datetime) -> str:
    """A time for people, in the zone of this machine: ``2026-01-31 19:00:00+01:00``."""
    return at.astimezone().isoformat(" ", "seconds")


def parse_time(text: object) -> datetime | None:
    """The time that a text holds, in UTC if it names no zone; None if it holds no time."""
    try:
        at = datetime.fromisoformat(str(text))
    except ValueError:
        return None
    if not _EARLIEST_YEAR <= at.year <= _LATEST_YEAR:
        return None
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def as_local(text: object) -> str:
    """A written time as `local_text`; any other text as it is."""
    at = parse_time(text)
    return local_text(at) if at else str(text)


class Stop:
    """A request to stop that every thread can see; it stays once it is made.

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
