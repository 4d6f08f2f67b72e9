from pathlib import Path

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
