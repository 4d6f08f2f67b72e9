import logging
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from anoncam.events import log_lines
from anoncam.events.event import Event, emit


@pytest.fixture
def printed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    path = tmp_path / "stderr"
    root = logging.getLogger()
    before, level = root.handlers[:], root.level
    root.handlers[:] = []
    with path.open("w", buffering=1) as stream:
        monkeypatch.setattr("sys.stderr", stream)
        log_lines.set_up({})
        yield path
        root.handlers[:] = before
        root.setLevel(level)


def test_an_event_is_a_line_with_its_time_and_offset_its_level_and_name(printed: Path) -> None:
    emit(Event.CAMERA_WAITING, "no camera", level=logging.WARNING)
    day, time, *rest = printed.read_text().split(" ", 2)
    assert rest == ["WARNING camera-waiting: no camera\n"]
    at = datetime.fromisoformat(f"{day} {time}")
    assert at.tzinfo is not None
    assert abs(datetime.now(UTC) - at) < timedelta(minutes=1)


def test_no_password_is_printed_neither_of_a_message_nor_of_an_exception(printed: Path) -> None:
    address = "rtsp://bob:hush-hush@10.0.0.7/x"
    emit(Event.SOURCE_LOST, f"{address} has gone")
    logging.getLogger("elsewhere").warning("cannot open %s", address)
    logging.getLogger("elsewhere").error("failed", exc_info=OSError(f"refused: {address}"))
    text = printed.read_text()
    assert text.count("bob:***@10.0.0.7") == 3
    assert "hush-hush" not in text
