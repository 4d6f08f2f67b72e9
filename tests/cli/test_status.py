import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from anoncam.cli.main import commands
from anoncam.cli.status import judge, lines
from anoncam.clock import local_text
from anoncam.config import folders
from anoncam.config.folders import Folders
from anoncam.events import event_log
from anoncam.service import status
from anoncam.service.control_server import ControlServer, Now
from anoncam.service.snapshots import Snapshots

NOON = datetime(2026, 1, 31, 12, tzinfo=UTC)


def report(**changes: Any) -> dict[str, Any]:  # noqa: ANN401
    counts = {
        "recorded": 900,
        "captured": 900,
        "veiled": 3,
        "dropped": 0,
        "faces": 1,
        "veil": "",
        "inferred": 300,
    }
    return {
        "version": "1",
        "pid": 42,
        "at": NOON.isoformat(),
        "state": "recording",
        "doing": "recording",
        "since": NOON.isoformat(),
        "fps": 29.97,
        "config": {"file": "/etc/anoncam/config.yaml", "problems": []},
        "source": "imx708",
        "counts": counts | changes.pop("counts", {}),
        "detector": {
            "model": "anoncam-face-640x384",
            "device": "cpu",
            "runtime": "ai-edge-litert 2",
            "latency_ms": 20.5,
            "coral_problem": "",
            "reason": "there is no Coral",
        },
        "recording": {
            "state": "working",
            "open_segment": "000000001.mp4",
            "free_bytes": 37_200_000_000,
        },
        **changes,
    }


@pytest.mark.parametrize(
    ("changes", "code", "verdict"),
    [
        ({}, 0, "recording"),
        ({"state": "waiting-for-camera"}, 7, "running, but not recording"),
        (
            {"state": "starting", "recording": None, "detector": None},
            7,
            "running, but not recording",
        ),
        ({"recording": {"state": "failed"}}, 7, "running, but not recording"),
        ({"counts": {"veil": "no result"}}, 8, "recording, veiled"),
        ({"at": (NOON - timedelta(seconds=11)).isoformat()}, 9, "running, but it hangs"),
        ({"at": None}, 9, "running, but it hangs"),
    ],
)
def test_the_exit_code_depends_on_what_a_running_daemon_does(
    changes: dict[str, Any], code: int, verdict: str
) -> None:
    assert judge(report(**changes), alive=True, now=NOON) == (code, verdict)


def test_a_daemon_that_died_and_one_that_was_stopped_differ() -> None:
    assert judge(report(), alive=False, now=NOON) == (3, "not running: it ended without a stop")
    assert judge(report(state="stopped"), alive=False, now=NOON) == (3, "not running")
    assert judge({}, alive=False, now=NOON) == (3, "not running")


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({}, "29.97 fps"),
        ({"counts": {"veil": "the detector is dead"}}, "veiled: the detector is dead"),
        (
            {"recording": {"state": "failed", "free_bytes": 0}},
            "the disk fails, so nothing is recorded",
        ),
        ({"config": {"file": "x", "problems": ["x:1: bad"]}}, "the config file has errors"),
        (
            {"state": "waiting-for-camera", "doing": "waiting for a camera since noon"},
            "waiting for a camera since noon",
        ),
    ],
)
def test_one_line_reports_what_it_does(changes: dict[str, Any], sentence: str) -> None:
    line = status.sentence(report(**changes))
    assert sentence.replace("29.97", "30.0") in line
    assert "\n" not in line


@pytest.mark.parametrize(
    ("upload", "expected"),
    [
        (None, []),
        ({"segments": 0, "bytes": 0, "oldest": None, "problem": ""}, ["nothing waits"]),
        (
            {"segments": 2, "bytes": 3_000_000, "oldest": NOON.isoformat(), "problem": "no route"},
            [f"2 segments wait, 3 MB; the oldest is of {local_text(NOON)}", "no route"],
        ),
    ],
)
def test_what_waits_to_be_uploaded_is_told_if_anything_is_to_be(
    upload: dict[str, Any] | None, expected: list[str]
) -> None:
    recording = {"state": "working", "upload": upload}
    printed = lines(folders.SERVICE, report(recording=recording), 0, "recording")
    told = [line[12:] for line in printed]
    assert [line for line in told if "wait" in line or "route" in line] == expected


def test_the_line_for_systemd_reports_start_rate_faces_and_free_disk() -> None:
    assert status.sentence(report()) == (
        f"recording since {local_text(datetime(2026, 1, 31, 12, tzinfo=UTC))}: 30.0 fps, 1 face, "
        "anoncam-face-640x384 on cpu with 20 ms per result, 37.2 GB of disk left"
    )


@pytest.fixture
def call(tmp_path: Path) -> Callable[..., Result]:
    def run(*arguments: str, **environment: str) -> Result:
        return CliRunner().invoke(
            commands, arguments, env={"STATE_DIRECTORY": str(tmp_path), **environment}
        )

    return run


@pytest.fixture
def alive(tmp_path: Path) -> Iterator[None]:
    server = ControlServer(tmp_path, Snapshots(), lambda: Now("", ""))
    yield
    server.close()


def test_without_a_daemon_the_last_known_is_printed_with_3(
    call: Callable[..., Result], tmp_path: Path
) -> None:
    assert call("status").exit_code == 3
    note = {"at": "noon", "state": "recording", "doing": "recording"}
    (tmp_path / event_log.NOTE).write_text(json.dumps(note))
    result = call("status")
    assert result.exit_code == 3
    assert "it ended without a stop" in result.stdout
    assert "noon: recording" in result.stdout


@pytest.mark.usefixtures("alive")
def test_text_and_json_report_the_same(call: Callable[..., Result], tmp_path: Path) -> None:
    problem = "config.yaml:3: detector.rate: is 400"
    status.write(
        tmp_path,
        report(
            at=datetime.now(UTC).isoformat(), config={"file": "config.yaml", "problems": [problem]}
        ),
    )
    result = call("status")
    assert result.exit_code == 0
    for part in (
        "anoncam is recording",
        "covered, as far as the detector finds them: 1 now",
        "imx708",
        problem,
    ):
        assert part in result.stdout
    printed = json.loads(call("status", "--json").stdout)
    assert (printed["verdict"], printed["exit_code"]) == ("recording", 0)
    assert printed["counts"]["recorded"] == 900


@pytest.mark.usefixtures("alive")
def test_a_veil_is_safe_and_has_its_reason(call: Callable[..., Result], tmp_path: Path) -> None:
    status.write(
        tmp_path, report(at=datetime.now(UTC).isoformat(), counts={"veil": "the detector died"})
    )
    result = call("status")
    assert result.exit_code == 8
    assert "safe: whole frames are covered, because the detector died" in result.stdout


def test_the_service_is_found_before_a_daemon_of_ones_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    service = Folders(tmp_path / "service", tmp_path / "service")
    monkeypatch.setattr(folders, "SERVICE", service)
    service.state.mkdir()
    server = ControlServer(service.runtime, Snapshots(), lambda: Now("", ""))
    status.write(service.runtime, report(at=datetime.now(UTC).isoformat(), source="the service's"))
    environment: dict[str, str | None] = {
        "STATE_DIRECTORY": None,
        "RUNTIME_DIRECTORY": None,
        "XDG_STATE_HOME": str(tmp_path / "own"),
        "XDG_RUNTIME_DIR": None,
    }
    result = CliRunner().invoke(commands, ["status"], env=environment)
    server.close()
    assert "the service's" in result.stdout


def test_a_user_without_access_learns_what_helps(
    call: Callable[..., Result], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_folder: Path) -> bool:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("anoncam.service.control_socket.is_alive", refuse)
    for command in (["status"], ["snapshot", "-o", "/tmp/none.jpg"]):
        result = call(*command)
        assert "use sudo, or join the group anoncam" in str(result.exception)


def test_a_status_that_is_half_written_is_empty(tmp_path: Path) -> None:
    assert status.read(tmp_path) == {}
    (tmp_path / status.NAME).write_text('{"at": ')
    assert status.read(tmp_path) == {}


@pytest.mark.usefixtures("central_european_time")
def test_times_for_people_are_local_with_their_offset_and_json_keeps_utc(
    tmp_path: Path, call: Callable[..., Result]
) -> None:
    note = {"at": "2026-01-31T12:00:00Z", "doing": "recording", "state": "recording"}
    (tmp_path / event_log.NOTE).write_text(json.dumps(note))
    text = call("status").stdout
    assert "last known  2026-01-31 13:00:00+01:00: recording" in text
    assert json.loads(call("status", "--json").stdout)["at"] == "2026-01-31T12:00:00Z"
