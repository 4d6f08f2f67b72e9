import json
from pathlib import Path

import pytest

from anoncam.events import event_log
from anoncam.events.event import Event
from anoncam.service import previous_run
from tests.support.events import EventLog


def history(folder: Path, *events: str, boot: str = "boot-1") -> None:
    lines = [
        json.dumps({"at": f"2026-01-31T18:00:{number:02}+00:00", "boot": boot, "event": event})
        for number, event in enumerate(events)
    ]
    (folder / event_log.NAMES[1]).write_text("\n".join(lines) + "\n")


@pytest.mark.parametrize(
    ("events", "since"),
    [
        ((), None),
        (("started", "stopped"), None),
        (("started", "crashed"), None),
        (("started", "veil-began"), "2026-01-31T18:00:00+00:00"),
        (("started", "stopped", "started", "segment-finished"), "2026-01-31T18:00:02+00:00"),
        (("started", "stopped", "config-fell-back"), None),
    ],
)
def test_a_run_that_began_and_never_stopped_has_crashed(
    tmp_path: Path, events: tuple[str, ...], since: str | None
) -> None:
    history(tmp_path, *events)
    assert previous_run.read_previous_run(tmp_path).crashed_since == since


def test_a_crash_is_reported_once_with_what_was_last_known(
    tmp_path: Path, event_log: EventLog
) -> None:
    history(tmp_path, "started")
    note = {
        "at": "2026-01-31T18:05:00+00:00",
        "doing": "recording",
        "recorded_until": "2026-01-31T18:04:59+00:00",
    }
    (tmp_path / "last-known.json").write_text(json.dumps(note))
    (tmp_path / previous_run.EXIT_FILE).write_text("watchdog killed KILL\n")

    found = previous_run.read_previous_run(tmp_path)
    previous_run.report_crash(found, "boot-1")

    (fields,) = event_log.of(Event.PREVIOUS_RUN_CRASHED)
    assert (
        fields["reason"]
        == "systemd killed it, since a stage had been standing still (watchdog killed KILL)"
    )
    assert (fields["doing"], fields["last_known"]) == ("recording", "2026-01-31T18:05:00+00:00")
    assert fields["rebooted"] is False
    assert str(found.recorded_until) == "2026-01-31 18:04:59+00:00"
    assert previous_run.read_previous_run(tmp_path).reason == ""


def test_after_a_reboot_the_reason_is_the_machine(tmp_path: Path, event_log: EventLog) -> None:
    history(tmp_path, "started", boot="boot-1")
    previous_run.report_crash(previous_run.read_previous_run(tmp_path), "boot-2")
    (fields,) = event_log.of(Event.PREVIOUS_RUN_CRASHED)
    assert fields["reason"] == "the machine lost power or was reset"
    assert fields["doing"] == "unknown"


def test_an_unknown_boot_does_not_count_as_a_reboot(tmp_path: Path, event_log: EventLog) -> None:
    history(tmp_path, "started", boot="")
    previous_run.report_crash(previous_run.read_previous_run(tmp_path), "boot-2")
    assert event_log.of(Event.PREVIOUS_RUN_CRASHED)[0]["rebooted"] is False


def test_after_a_stop_nothing_is_reported(tmp_path: Path, event_log: EventLog) -> None:
    history(tmp_path, "started", "stopped")
    (tmp_path / previous_run.EXIT_FILE).write_text("success exited 0\n")
    found = previous_run.read_previous_run(tmp_path)
    previous_run.report_crash(found, "boot-2")
    assert found.reason == ""
    assert event_log.of(Event.PREVIOUS_RUN_CRASHED) == []


def test_in_a_missing_folder_no_previous_run_is_found(tmp_path: Path) -> None:
    found = previous_run.read_previous_run(tmp_path / "none")
    assert (found.crashed_since, found.recorded_until, found.reason) == (None, None, "")


@pytest.mark.parametrize(
    ("note", "expected"),
    [
        ({"boot": "boot-1", "recorded_until_monotonic": 7}, 7),
        ({"boot": "boot-0", "recorded_until_monotonic": 7}, None),
        ({"boot": "boot-1", "recorded_until_monotonic": None}, None),
        ({"recorded_until_monotonic": 7}, None),
        ({}, None),
    ],
)
def test_the_monotonic_time_of_the_last_frame_counts_within_one_boot(
    tmp_path: Path, note: dict[str, object], expected: int | None
) -> None:
    (tmp_path / "last-known.json").write_text(json.dumps(note))
    assert previous_run.read_previous_run(tmp_path).recorded_until_monotonic("boot-1") == expected
    assert previous_run.read_previous_run(tmp_path).recorded_until_monotonic("") is None
