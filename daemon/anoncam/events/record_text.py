"""The text of a log record: safe to print, without passwords, and only with lines of its own."""

import logging
import traceback

from anoncam.events.printable import printable
from anoncam.events.redaction import redact


def record_lines(record: logging.LogRecord) -> list[str]:
    """The name and message of a record, then its traceback.

    Lines after the first are indented, so that none looks like a record of its own.
    """
    event: str | None = getattr(record, "anoncam_event", None)
    message = f"{event or record.name}: {record.getMessage()}"
    # An event's message has been made printable line by line.
    lines = message.split("\n") if event else [message]
    if record.exc_info:
        for part in traceback.format_exception(*record.exc_info):
            lines += part.rstrip("\n").split("\n")
    first, *others = (redact(printable(line)) for line in lines)
    return [first, *(f"    {line}" for line in others)]
