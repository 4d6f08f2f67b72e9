"""Limit how many of one event are kept, so that an event that repeats leaves room for others."""

import logging
from dataclasses import dataclass

from anoncam.clock import NANOSECONDS, Clock

MOST = 60
"""How many of one event are kept in one `SPAN`."""

SPAN = 3600 * NANOSECONDS
"""One hour, in nanoseconds."""


@dataclass
class _Count:
    since: int
    kept: int = 0
    skipped: int = 0


class Throttle:
    """Admits `MOST` of each event in one `SPAN`.

    >>> throttle = Throttle(SystemClock())
    >>> throttle.admit("veil-began")
    (True, 0)
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._counts: dict[str, _Count] = {}

    def admit(self, event: str) -> tuple[bool, int]:
        """Whether this event is kept, and how many of its name were skipped before it."""
        now = self._clock.monotonic()
        count = self._counts.setdefault(event, _Count(now))
        skipped = 0
        if now - count.since >= SPAN:
            skipped, self._counts[event] = count.skipped, _Count(now)
            count = self._counts[event]
        if count.kept >= MOST:
            count.skipped += 1
            return False, 0
        count.kept += 1
        return True, skipped


class ThrottledLog(logging.Filter):
    """Lets as many lines of a logger through: for one that tells of all that strangers send.

    >>> logging.getLogger("aiohttp.server").addFilter(ThrottledLog(SystemClock()))
    """

    def __init__(self, clock: Clock) -> None:
        super().__init__()
        self._throttle = Throttle(clock)

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether the line is logged."""
        return self._throttle.admit(record.name)[0]
