from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from anoncam.events import event_log_reader
from anoncam.events.event_log import NAMES


def test_the_older_file_is_read_first(tmp_path: Path) -> None:
    for name, event in zip(NAMES, ("older", "newer"), strict=True):
        (tmp_path / name).write_text(f'{{"at": "2026-01-31T18:00:00Z", "event": "{event}"}}\n')
    entries = event_log_reader.read(tmp_path)
    assert [entry["event"] for entry in entries] == ["older", "newer"]


def test_without_files_there_are_no_events_and_no_note(tmp_path: Path) -> None:
    assert event_log_reader.read(tmp_path) == []
    assert event_log_reader.read_note(tmp_path) == {}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-01-31T18:00:00.000+00:00", datetime(2026, 1, 31, 18, tzinfo=UTC)),
        ("2026-01-31T18:00:00Z", datetime(2026, 1, 31, 18, tzinfo=UTC)),
        ("2026-01-31 18:00", datetime(2026, 1, 31, 18, tzinfo=UTC)),
        ("2026-01-31T18:00+01:00", datetime(2026, 1, 31, 18, tzinfo=timezone(timedelta(hours=1)))),
        ("soon", None),
        (None, None),
    ],
)
def test_a_time_without_a_zone_is_utc(text: object, expected: datetime | None) -> None:
    assert event_log_reader.parse_time(text) == expected
