"""Reports that a source is lost, waited for or found; a source that flaps gets few lines."""

import logging
import threading
from dataclasses import dataclass

from anoncam.clock import NANOSECONDS, Clock
from anoncam.events.event import Event, emit

INTERVAL = 60 * NANOSECONDS
"""How often a source that flaps may have a line."""

AT_ONCE = 5
"""How many lines may come at once: a source that was lost twice and found again does not flap."""


@dataclass(frozen=True)
class _Found:
    text: str
    source: str
    size: str


@dataclass(frozen=True)
class _Lost:
    text: str
    was_open: bool


class SourceReports:
    """Emits `AT_ONCE` reports at once, and then one each `INTERVAL`.

    The newest report that was held back is made as soon as it may be. So the last line is always
    true in the end, and it counts the losses that were left out. Every thread may call it.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._credit = AT_ONCE * INTERVAL
        self._since = clock.monotonic()
        self._held: _Found | _Lost | None = None
        self._left_out = self._losses = 0

    def reset(self) -> None:
        """Begin again, as with a source that is set up anew: reports are made at once."""
        self.end()
        with self._lock:
            self._credit = AT_ONCE * INTERVAL

    def found(self, text: str, source: str, size: str) -> None:
        """A source is open."""
        self._report(_Found(text, source, size))

    def lost(self, text: str, *, was_open: bool) -> None:
        """A source is lost, or cannot be opened."""
        self._report(_Lost(text, was_open))

    def settle(self) -> None:
        """Emit what was held back if it is time; to be called about once a second."""
        with self._lock:
            now = self._clock.monotonic()
            self._credit = min(self._credit + now - self._since, AT_ONCE * INTERVAL)
            self._since = now
            if self._held is not None and self._credit >= INTERVAL:
                self._credit -= INTERVAL
                self._emit(self._held)

    def end(self) -> None:
        """Emit what is held back, whether it is time or not."""
        with self._lock:
            if self._held is not None:
                self._emit(self._held)

    def _report(self, report: _Found | _Lost) -> None:
        with self._lock:
            self._left_out += self._held is not None
            self._losses += isinstance(report, _Lost)
            self._held = report
        self.settle()

    def _emit(self, report: _Found | _Lost) -> None:
        losses, text = self._losses, report.text
        if self._left_out:
            text += f"; lost {losses} times since the line before this one"
        self._held, self._left_out, self._losses = None, 0, 0
        if isinstance(report, _Found):
            emit(Event.SOURCE_CHOSEN, text, source=report.source, size=report.size, losses=losses)
        else:
            event = Event.SOURCE_LOST if report.was_open else Event.CAMERA_WAITING
            emit(event, text, level=logging.WARNING, losses=losses)
