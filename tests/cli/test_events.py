import json
import os
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from anoncam.cli.main import commands
from anoncam.events import event_log

NOW = datetime.now(UTC)


@pytest.fixture
def call(tmp_path: Path) -> Callable[..., Result]:
    now = datetime.now(UTC)
    entries = [
        {
            "at": (now - age).isoformat(),
            "event": name,
            "level": "warning",
            "message": f"it\n{name}",
            "skipped": skipped,
        }
        for age, name, skipped in (
            (timedelta(days=3), "started", 0),
            (timedelta(hours=3), "veil-began", 7),
            (timedelta(minutes=3), "veil-ended", 0),
        )
    ]
    (tmp_path / event_log.NAMES[0]).write_text(json.dumps(entries[0]) + "\n")
    (tmp_path / event_log.NAMES[1]).write_text(
        "".join(f"{json.dumps(entry)}\n" for entry in entries[1:])
    )

    def run(*arguments: str, zone: str = "UTC") -> Result:
        return CliRunner().invoke(
            commands, ["events", *arguments], env={"STATE_DIRECTORY": str(tmp_path), "TZ": zone}
        )

    return run


@pytest.mark.usefixtures("central_european_time")
def test_the_time_of_a_line_is_local_with_its_offset(call: Callable[..., Result]) -> None:
    line = call("--since", "10m", zone=os.environ["TZ"]).stdout
    entry = json.loads(call("--since", "10m", "--json").stdout)
    at = datetime.fromisoformat(entry["at"]).astimezone()
    assert line.startswith(f"{at:%Y-%m-%d %H:%M:%S}+0{1 + time.localtime().tm_isdst}:00 WARNING")


def test_each_event_is_a_line_of_both_files_in_order(call: Callable[..., Result]) -> None:
    lines = call().stdout.splitlines()
    assert [line.split()[3] for line in lines] == ["started:", "veil-began:", "veil-ended:"]
    assert lines[1].endswith("WARNING  veil-began: it; veil-began [7 more were not kept]")


@pytest.mark.parametrize(
    ("since", "count"),
    [
        ("10m", 1),
        ("4h", 2),
        ("1.5 hours ago", 1),
        ("7d", 3),
        ("1s", 0),
        ((NOW - timedelta(days=1)).date().isoformat(), 2),
        pytest.param((NOW - timedelta(hours=4)).isoformat(), 2, id="a time"),
    ],
)
def test_since_leaves_out_what_came_before(
    call: Callable[..., Result], since: str, count: int
) -> None:
    assert len(call("--since", since, "--json").stdout.splitlines()) == count


@pytest.mark.parametrize("since", ["yesterday", "2026-13-01", "", "9" * 40 + "d"])
def test_what_is_not_a_time_is_an_error_of_usage(call: Callable[..., Result], since: str) -> None:
    result = call("--since", since)
    assert result.exit_code == 2
    assert "90m, 2h or 7d" in result.stderr


def test_json_has_all_of_an_event_in_each_line(call: Callable[..., Result]) -> None:
    entries = [json.loads(line) for line in call("--json").stdout.splitlines()]
    assert [entry["event"] for entry in entries] == ["started", "veil-began", "veil-ended"]
    assert entries[1]["skipped"] == 7


def test_no_events_are_not_an_error(tmp_path: Path) -> None:
    result = CliRunner().invoke(
        commands, ["events"], env={"STATE_DIRECTORY": str(tmp_path / "none")}
    )
    assert (result.exit_code, result.stdout, result.stderr) == (0, "", "no events\n")
