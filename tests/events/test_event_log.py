import json
import logging
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from anoncam.events import event_log, event_log_reader
from anoncam.events.event import LOGGER, Event, emit
from anoncam.events.event_log import EventLog
from anoncam.events.throttle import MOST
from tests.support.frames import FakeClock


@pytest.fixture
def keep(tmp_path: Path) -> Iterator[Callable[[], EventLog]]:
    """Open the log in the folder of the test; the one before it is closed."""
    logs: list[EventLog] = []

    def close() -> None:
        for log in logs:
            LOGGER.removeHandler(log)
            log.finish(30)
        logs.clear()

    def start() -> EventLog:
        close()
        logs.append(
            EventLog(tmp_path / "state", FakeClock(datetime(2026, 1, 31, 18, tzinfo=UTC)), "boot-1")
        )
        LOGGER.addHandler(logs[-1])
        LOGGER.setLevel(logging.INFO)
        return logs[-1]

    yield start
    close()


def names(folder: Path) -> list[object]:
    return [entry["event"] for entry in event_log_reader.read(folder / "state")]


def test_an_event_is_kept_with_time_boot_level_and_fields(
    keep: Callable[[], EventLog], tmp_path: Path
) -> None:
    keep()
    emit(
        Event.VEIL_BEGAN, "frames are veiled: no result", level=logging.WARNING, reason="no result"
    )
    keep()
    assert event_log_reader.read(tmp_path / "state") == [
        {
            "at": "2026-01-31T18:00:00.000Z",
            "boot": "boot-1",
            "event": "veil-began",
            "level": "warning",
            "message": "frames are veiled: no result",
            "fields": {"reason": "no result"},
        }
    ]


def test_no_password_is_kept(keep: Callable[[], EventLog], tmp_path: Path) -> None:
    keep()
    emit(Event.SOURCE_LOST, "rtsp://bob:hush@camera/1 has gone", tried=["rtsp://bob:hush@camera/1"])
    keep().note({"doing": "waiting for rtsp://bob:hush@camera/1"})
    keep()
    kept = "".join(path.read_text() for path in (tmp_path / "state").iterdir())
    assert kept.count("bob:***@") == 3
    assert "hush" not in kept


def test_records_that_are_no_events_are_not_kept(
    keep: Callable[[], EventLog], tmp_path: Path
) -> None:
    keep()
    LOGGER.warning("only for the journal")
    emit(Event.STARTED, "started")
    keep()
    assert names(tmp_path) == ["started"]


@pytest.mark.parametrize(
    "torn", [b'{"at": "2026-01-31T18:00', b"\x00\x00\x00\x00", b"\xff\xfe{", b"17\n[]\n{}"]
)
def test_a_line_that_a_power_cut_has_torn_costs_that_line_only(
    keep: Callable[[], EventLog], tmp_path: Path, torn: bytes
) -> None:
    keep()
    emit(Event.STARTED, "before")
    keep()
    with (tmp_path / "state" / event_log.NAMES[1]).open("ab") as file:
        file.write(torn)
    emit(Event.STOPPED, "after")
    keep()
    assert names(tmp_path) == ["started", "stopped"]


def test_the_log_stays_small_and_loses_the_oldest_first(
    keep: Callable[[], EventLog], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(event_log, "LARGEST", 2000)
    for number in range(40):
        keep()
        emit(Event.STARTED, f"run {number}")
    keep()
    sizes = [path.stat().st_size for path in (tmp_path / "state").glob("events*")]
    assert max(sizes) <= 2000
    assert len(sizes) == 2
    kept = [entry["message"] for entry in event_log_reader.read(tmp_path / "state")]
    assert kept == [f"run {number}" for number in range(40 - len(kept), 40)]
    assert len(kept) > 10


def test_an_event_that_flaps_does_not_push_the_others_out(
    keep: Callable[[], EventLog], tmp_path: Path
) -> None:
    log = keep()
    clock = log._clock
    assert isinstance(clock, FakeClock)
    for _ in range(MOST + 5):
        emit(Event.VEIL_BEGAN, "again")
    emit(Event.DETECTOR_DEAD, "the cause")
    clock.advance(3600)
    emit(Event.VEIL_BEGAN, "an hour later")
    keep()
    assert names(tmp_path) == ["veil-began"] * MOST + ["detector-dead", "veil-began"]
    assert event_log_reader.read(tmp_path / "state")[-1]["skipped"] == 5


def test_a_folder_that_cannot_be_written_is_reported_once_and_tried_again(
    keep: Callable[[], EventLog], tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "state").write_text("in the way")
    log = keep()
    emit(Event.STARTED, "lost")
    log.note({"doing": "starting"})
    log.finish(30)
    assert [
        record.getMessage().partition(":")[0]
        for record in caplog.records
        if record.name == event_log.__name__
    ] == [f"events cannot be kept in {tmp_path / 'state'}"]
    (tmp_path / "state").unlink()
    keep()
    emit(Event.STOPPED, "kept")
    keep()
    assert names(tmp_path) == ["stopped"]


def test_a_note_is_read_back_and_half_a_note_is_ignored(
    keep: Callable[[], EventLog], tmp_path: Path
) -> None:
    keep().note({"doing": "recording", "counts": {"recorded": 7}})
    keep()
    assert event_log_reader.read_note(tmp_path / "state") == {
        "doing": "recording",
        "counts": {"recorded": 7},
    }
    for torn in ('{"doing": "rec', "", "7"):
        (tmp_path / "state" / event_log.NOTE).write_text(torn)
        assert event_log_reader.read_note(tmp_path / "state") == {}


def test_the_id_of_the_boot_comes_from_the_kernel_if_it_is_not_hidden(tmp_path: Path) -> None:
    file = tmp_path / "boot_id"
    assert event_log.boot_id(file) == ""
    file.write_text("01-23\n")
    assert event_log.boot_id(file) == "0123"


def test_every_line_is_json_that_other_programs_can_read(
    keep: Callable[[], EventLog], tmp_path: Path
) -> None:
    keep()
    emit(
        Event.STARTED,
        "a path \udcff that is no UTF-8\nand two lines",
        path=tmp_path,
        at=datetime(2026, 1, 1),
    )
    keep()
    (line,) = (tmp_path / "state" / event_log.NAMES[1]).read_bytes().splitlines()
    assert json.loads(line)["fields"]["path"] == str(tmp_path)
