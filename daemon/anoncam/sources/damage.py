"""Counts the damaged pictures of a stream, and reports when they begin and end."""

import logging

from anoncam.clock import NANOSECONDS, Clock
from anoncam.events.event import Event, emit

CALM = 30.0
"""Seconds without a damaged picture after which a run of them is over."""


class Damage:
    """The damaged pictures of one stream; `description` names it in events.

    >>> damage = Damage("the yard", SystemClock())
    >>> damage.count(0)
    >>> damage.pictures
    0
    """

    def __init__(self, description: str, clock: Clock) -> None:
        self.pictures = 0
        self._description = description
        self._clock = clock
        self._before = 0
        self._last: int | None = None

    def count(self, damaged: int) -> None:
        """Count `damaged` pictures of those that came now; 0 where all are whole."""
        now = self._clock.monotonic()
        if damaged:
            self.pictures += damaged
            if self._last is None:
                text = f"{self._description} sends damaged pictures; they are examined all the same"
                emit(Event.STREAM_DAMAGED, text, level=logging.WARNING)
            self._last = now
        elif self._last is not None and now - self._last > CALM * NANOSECONDS:
            self.end()

    def end(self) -> None:
        """Report the end of a run of damaged pictures, if there is one."""
        if self._last is None:
            return
        pictures, self._before = self.pictures - self._before, self.pictures
        self._last = None
        text = f"{self._description} has sent {pictures} damaged pictures"
        emit(Event.STREAM_INTACT, text, pictures=pictures)
