"""Log lines for people: time, level, event, sentence; no password ever in them."""

import logging
import sys

from anoncam.redaction import redact


def set_up() -> None:
    """Send all log records to stderr. libav's own lines are not among them: they may name an address."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_Formatter())
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)


class _Formatter(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        event = getattr(record, "anoncam_event", record.name)
        line = f"{self.formatTime(record, '%Y-%m-%d %H:%M:%S')} {record.levelname:<7} {event}: {record.getMessage()}"
        if record.exc_info:
            line = f"{line}\n{self.formatException(record.exc_info)}"
        return redact(line)
