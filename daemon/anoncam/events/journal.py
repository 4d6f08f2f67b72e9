"""Send events to the journal of systemd, each with its id, its name and its fields."""

import importlib
import json
import logging
import os
from collections.abc import Callable, Mapping
from typing import TextIO

from anoncam.events.event import message_id
from anoncam.events.printable import printable
from anoncam.events.record_text import record_lines
from anoncam.events.redaction import redact

Send = Callable[..., object]
"""``systemd.journal.send``: the message, then fields by name; raises OSError."""

_PRIORITIES = ((logging.CRITICAL, 2), (logging.ERROR, 3), (logging.WARNING, 4), (logging.INFO, 6))
"""The lowest level of logging for each priority of syslog(3)."""


def is_connected(environment: Mapping[str, str], stream: TextIO) -> bool:
    """Whether `stream` goes to the journal (systemd.exec(5), JOURNAL_STREAM)."""
    status = os.fstat(stream.fileno())
    return environment.get("JOURNAL_STREAM") == f"{status.st_dev}:{status.st_ino}"


def find_send() -> Send | None:
    """The function that sends to the journal; None without Debian's python3-systemd."""
    try:
        send: Send = importlib.import_module("systemd.journal").send
    except ImportError:
        return None
    return send


def priority(level: int) -> int:
    """The priority of syslog(3) for a level of logging."""
    return next((number for least, number in _PRIORITIES if level >= least), 7)


class JournalHandler(logging.Handler):
    """Sends records with their fields; prints them to `stream` if that fails."""

    def __init__(self, send: Send, stream: TextIO) -> None:
        super().__init__()
        self._send = send
        self._stream = stream

    def emit(self, record: logging.LogRecord) -> None:
        """Send one record."""
        try:
            self._send(SentenceFormatter().format(record), **fields(record))
        except OSError:
            self._stream.write(f"{PrefixFormatter().format(record)}\n")
            self._stream.flush()


class SentenceFormatter(logging.Formatter):
    """The event and its sentence; time and priority are the journal's own."""

    def format(self, record: logging.LogRecord) -> str:
        """The text; with a traceback it has several lines."""
        return "\n".join(record_lines(record))


class PrefixFormatter(SentenceFormatter):
    """The same with the priority before each line (sd-daemon(3))."""

    def format(self, record: logging.LogRecord) -> str:
        """The lines."""
        return "\n".join(f"<{priority(record.levelno)}>{line}" for line in record_lines(record))


def fields(record: logging.LogRecord) -> dict[str, str]:
    """The journal's fields for a record; those of an event begin with ANONCAM_."""
    given = {
        "PRIORITY": str(priority(record.levelno)),
        "SYSLOG_IDENTIFIER": "anoncam",
        "LOGGER": record.name,
    }
    event = getattr(record, "anoncam_event", None)
    if event is None:
        return given
    given |= {"MESSAGE_ID": message_id(event), "ANONCAM_EVENT": event}
    own: Mapping[str, object] = getattr(record, "anoncam_fields", {})
    return given | {f"ANONCAM_{name.upper()}": _text(value) for name, value in own.items()}


def _text(value: object) -> str:
    if isinstance(value, list | tuple):
        return "\n".join(map(_text, value))
    return redact(printable(value if isinstance(value, str) else json.dumps(value, default=str)))
