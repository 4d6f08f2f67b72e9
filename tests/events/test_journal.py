import io
import logging
import os
import re
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from anoncam.events import journal
from anoncam.events.event import Event, message_id
from anoncam.events.journal import JournalHandler, PrefixFormatter, fields


def event(level: int = logging.WARNING, **fields: object) -> logging.LogRecord:
    record = logging.LogRecord(
        "anoncam", level, "", 0, "%s", ("rtsp://bob:hush@camera/1 has gone",), None
    )
    record.anoncam_event, record.anoncam_fields = str(Event.SOURCE_LOST), fields
    return record


class Journal:
    def __init__(self) -> None:
        self.sent: list[tuple[str, Mapping[str, Any]]] = []

    def send(self, message: str, **fields: str) -> None:
        self.sent.append((message, fields))


def test_an_event_goes_to_the_journal_with_its_id_its_name_and_its_fields_redacted() -> None:
    there = Journal()
    handler = JournalHandler(there.send, io.StringIO())
    handler.handle(
        event(
            source="rtsp://bob:hush@camera/1", frames=7, seconds=0.5, whole=True, lines=("a", "b")
        )
    )
    ((message, fields),) = there.sent
    assert message == "source-lost: rtsp://bob:***@camera/1 has gone"
    assert fields == {
        "PRIORITY": "4",
        "SYSLOG_IDENTIFIER": "anoncam",
        "LOGGER": "anoncam",
        "MESSAGE_ID": message_id(Event.SOURCE_LOST),
        "ANONCAM_EVENT": "source-lost",
        "ANONCAM_SOURCE": "rtsp://bob:***@camera/1",
        "ANONCAM_FRAMES": "7",
        "ANONCAM_SECONDS": "0.5",
        "ANONCAM_WHOLE": "true",
        "ANONCAM_LINES": "a\nb",
    }


def test_each_value_of_a_field_is_one_safe_line() -> None:
    own = fields(event(source="x\n\x1b[2J", problems=("a\nb", "c\u202e")))
    assert own["ANONCAM_SOURCE"] == "x\\n\\x1b[2J"
    assert own["ANONCAM_PROBLEMS"] == "a\\nb\nc\\u202e"


@pytest.mark.parametrize(
    ("level", "number"),
    [
        (logging.DEBUG, 7),
        (logging.INFO, 6),
        (logging.WARNING, 4),
        (logging.ERROR, 3),
        (logging.CRITICAL, 2),
    ],
)
def test_levels_are_the_priorities_of_syslog(level: int, number: int) -> None:
    assert journal.fields(event(level))["PRIORITY"] == str(number)


def test_what_cannot_be_sent_goes_to_stderr_with_its_priority() -> None:
    stderr = io.StringIO()

    def fail(_message: str, **_fields: str) -> None:
        raise OSError("no journal")

    JournalHandler(fail, stderr).handle(event())
    assert stderr.getvalue() == "<4>source-lost: rtsp://bob:***@camera/1 has gone\n"


def test_each_line_of_a_traceback_has_the_priority() -> None:
    try:
        int("oops")
    except ValueError:
        record = logging.LogRecord("anoncam.x", logging.ERROR, "", 0, "failed", (), sys.exc_info())
    lines = PrefixFormatter().format(record).splitlines()
    assert lines[0] == "<3>anoncam.x: failed"
    assert lines[-1] == "<3>    ValueError: invalid literal for int() with base 10: 'oops'"
    assert all(line.startswith("<3>") for line in lines)


def test_stderr_is_the_journal_only_where_systemd_names_that_very_stream(tmp_path: Path) -> None:
    with (tmp_path / "stream").open("w") as stream:
        status = os.fstat(stream.fileno())
        assert journal.is_connected({"JOURNAL_STREAM": f"{status.st_dev}:{status.st_ino}"}, stream)
        assert not journal.is_connected(
            {"JOURNAL_STREAM": f"{status.st_dev}:{status.st_ino + 1}"}, stream
        )
        assert not journal.is_connected({}, stream)


def test_ids_are_128_bits_each_event_its_own_and_never_change() -> None:
    ids = [message_id(event) for event in Event]
    assert len(set(ids)) == len(ids)
    assert all(re.fullmatch("[0-9a-f]{32}", each) for each in ids)
    # People alert on it: another value here would be a broken promise.
    assert message_id(Event.STARTED) == "09e02927429a5a02ad16e0e4f70c887d"
