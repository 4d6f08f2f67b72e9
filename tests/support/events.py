"""Events as tests see them."""

import logging
import threading
from collections.abc import Mapping

from anoncam.events.event import LOGGER, Event


class EventLog(logging.Handler):
    """Keeps all events, and lets a test wait for one."""

    def __init__(self) -> None:
        super().__init__()
        self._condition = threading.Condition()
        self._events: list[tuple[str, Mapping[str, object]]] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Keep the event of a log record."""
        if not hasattr(record, "anoncam_event"):
            return
        with self._condition:
            self._events.append((record.anoncam_event, record.anoncam_fields))  # type: ignore[attr-defined]
            self._condition.notify_all()

    def of(self, event: Event) -> list[Mapping[str, object]]:
        """The fields of every `event` so far."""
        with self._condition:
            return [fields for name, fields in self._events if name == event]

    def wait_for(self, event: Event, count: int = 1) -> list[Mapping[str, object]]:
        """Wait until there are `count` of `event`."""
        with self._condition:
            arrived = self._condition.wait_for(lambda: len(self.of(event)) >= count, timeout=30)
        assert arrived, f"no {event} came; there were {[name for name, _ in self._events]}"
        return self.of(event)


def attach() -> EventLog:
    """A log of all events from now on."""
    log = EventLog()
    LOGGER.addHandler(log)
    LOGGER.setLevel(logging.INFO)
    return log
