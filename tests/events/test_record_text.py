import logging
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anoncam.events.event import LOGGER, Event, emit
from anoncam.events.journal import PrefixFormatter, SentenceFormatter
from anoncam.events.log_lines import LineFormatter
from anoncam.events.record_text import record_lines
from tests.support.terminal import UNSAFE, is_safe

FORGERY = "x\n2026-01-31 18:00:00 INFO    stopped: all is well\x1b[2J\u202e"

ANY = st.text(st.one_of(st.sampled_from(UNSAFE), st.sampled_from("ab é家")))


def event_record(message: str, *details: str) -> logging.LogRecord:
    records: list[logging.LogRecord] = []
    handler = logging.Handler()
    handler.emit = records.append  # type: ignore[method-assign,assignment]
    LOGGER.addHandler(handler)
    try:
        emit(Event.SOURCE_LOST, message, level=logging.ERROR, details=details)
    finally:
        LOGGER.removeHandler(handler)
    return records[0]


def other_record(message: str, error: Exception | None = None) -> logging.LogRecord:
    given = (type(error), error, None) if error is not None else None
    return logging.LogRecord("av", logging.ERROR, "", 0, "%s", (message,), given)


@given(ANY, st.lists(ANY, max_size=3))
def test_an_event_has_one_safe_line_for_its_sentence_and_for_each_detail(
    message: str, details: list[str]
) -> None:
    lines = record_lines(event_record(message, *details))
    assert len(lines) == 1 + len(details)
    assert all(map(is_safe, lines))


@given(ANY)
def test_a_record_that_is_no_event_has_one_safe_line(message: str) -> None:
    (line,) = record_lines(other_record(message))
    assert line.startswith("av: ")
    assert is_safe(line)


@pytest.mark.parametrize("formatter", [LineFormatter(), SentenceFormatter(), PrefixFormatter()])
@pytest.mark.parametrize(
    "record",
    [
        event_record(FORGERY, FORGERY),
        other_record(FORGERY, OSError(FORGERY)),
    ],
)
def test_no_line_of_a_record_but_its_first_looks_like_a_record(
    formatter: logging.Formatter, record: logging.LogRecord
) -> None:
    _, *others = formatter.format(record).split("\n")
    assert others
    assert all(line.removeprefix("<3>").startswith("    ") for line in others)
    assert all(map(is_safe, others))


def test_a_traceback_follows_its_message_line_by_line() -> None:
    try:
        int("oops")
    except ValueError:
        record = logging.LogRecord("x", logging.ERROR, "", 0, "failed", (), sys.exc_info())
    first, second, *_, last = record_lines(record)
    assert first == "x: failed"
    assert second == "    Traceback (most recent call last):"
    assert last == "    ValueError: invalid literal for int() with base 10: 'oops'"


def test_a_password_is_masked_though_unsafe_characters_are_in_it() -> None:
    (line,) = record_lines(event_record("rtsp://bob:hush\n\x1bhush@camera/ has gone"))
    assert line == "source-lost: rtsp://bob:***@camera/ has gone"
