"""Log lines for people: time, level, event and sentence, with passwords masked."""

import logging
import sys
from collections.abc import Mapping
from datetime import UTC, datetime

from anoncam.clock import local_text
from anoncam.events import journal
from anoncam.events.redaction import redact


def set_up(environment: Mapping[str, str]) -> None:
    """Send all log records to stderr, or to the journal if stderr leads there.

    Lines of libav are left out, since they may hold an address.
    """
    logging.basicConfig(level=logging.INFO, handlers=[_handler(environment)], force=True)


def _handler(environment: Mapping[str, str]) -> logging.Handler:
    handler: logging.Handler = logging.StreamHandler(sys.stderr)
    if not journal.is_connected(environment, sys.stderr):
        handler.setFormatter(LineFormatter())
        return handler
    send = journal.find_send()
    if send is not None:
        return journal.JournalHandler(send, sys.stderr)
    handler.setFormatter(journal.PrefixFormatter())
    return handler


class LineFormatter(logging.Formatter):
    """Time, level, event and sentence, and a traceback if there is one."""

    def format(self, record: logging.LogRecord) -> str:
        """The line or lines of a record."""
        event = getattr(record, "anoncam_event", record.name)
        at = local_text(datetime.fromtimestamp(record.created, UTC))
        line = f"{at} {record.levelname:<7} {event}: {record.getMessage()}"
        if record.exc_info:
            line = f"{line}\n{self.formatException(record.exc_info)}"
        return redact(line)
