"""Log lines for people: time, level, event and sentence, with passwords masked."""

import logging
import sys
from collections.abc import Mapping
from datetime import UTC, datetime

from anoncam.clock import local_text
from anoncam.events import journal
from anoncam.events.record_text import record_lines


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
    """Time, level and the lines of a record."""

    def format(self, record: logging.LogRecord) -> str:
        """The lines."""
        first, *others = record_lines(record)
        at = local_text(datetime.fromtimestamp(record.created, UTC))
        return "\n".join([f"{at} {record.levelname:<7} {first}", *others])
