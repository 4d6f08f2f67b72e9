"""The time, injected wherever something sleeps or stamps."""

import time
from datetime import UTC, datetime
from typing import Protocol

NANOSECONDS = 1_000_000_000
"""Nanoseconds in a second: timestamps are integers of nanoseconds, settings are seconds."""


class Clock(Protocol):
    """Where the time comes from."""

    def monotonic(self) -> int:
        """Nanoseconds since some fixed moment, never going back (CLOCK_MONOTONIC)."""
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
