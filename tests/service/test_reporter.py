"""What the real daemon reports, and in which folders."""

import json
import signal
import socket
from datetime import UTC, datetime
from pathlib import Path

import pytest

from anoncam.clock import local_text, utc_text
from tests.support.daemons import SYNTHETIC, Start, ask, recording, stop_well
from tests.support.watching import luma

pytestmark = pytest.mark.integration


def test_status_and_socket_lie_in_the_runtime_folder_of_systemd(
    daemon: Start, tmp_path: Path
) -> None:
    runtime = tmp_path / "run"
    running = daemon(environment={"RUNTIME_DIRECTORY": str(runtime)})
    running.wait_for("encoder-chosen")
    running.wait_for("detector-up")
    names = {path.name for path in runtime.iterdir()}
    running.stop()
    assert {"control", "control-owner"} <= names
    assert {path.name for path in runtime.iterdir()} == {"outlets.json", "status.json"}
    assert not (running.state / "status.json").exists()


@pytest.mark.parametrize("with_runtime_folder", [True, False])
def test_a_state_folder_that_cannot_be_written_does_not_stop_the_recording(
    daemon: Start, tmp_path: Path, with_runtime_folder: bool
) -> None:
    (tmp_path / "state").write_text("in the way of the folder")
    running = daemon(
        f"{SYNTHETIC}recording: {{folder: {tmp_path}/recordings, segment_length: 1}}\n",
        {"RUNTIME_DIRECTORY": str(tmp_path / "run")} if with_runtime_folder else None,
    )
    running.wait_for("segment-finished", 3)
    stop_well(running)
    warnings = [line for line in running.lines if "status file" in line]
    assert len(warnings) == (0 if with_runtime_folder else 1)
    segments = list((tmp_path / "recordings").glob("*.mp4"))
    assert len(segments) >= 3
    assert all(luma(segment) for segment in segments)


def test_a_second_daemon_on_the_same_folder_is_refused_and_the_first_goes_on(
    daemon: Start, tmp_path: Path
) -> None:
    running = recording(daemon())
    code, _, errors = ask(running, "run", "--config", running.config)
    assert code == 1
    assert f"another daemon uses {running.state}" in errors
    assert ask(running, "status")[0] == 0


def test_after_a_kill_the_next_start_reports_the_crash_and_the_recording_gap(
    daemon: Start,
) -> None:
    running = recording(daemon())
    running.stop(signal.SIGKILL)
    assert ask(running, "status")[:1] == (3,)
    note = running.state / "last-known.json"
    assert json.loads(note.read_text())["state"] == "recording"
    # As if it had happened long ago, before the machine was booted.
    until = datetime(2026, 1, 31, 12, tzinfo=UTC)
    before = {"recorded_until": utc_text(until), "boot": "another"}
    note.write_text(json.dumps(json.loads(note.read_text()) | before))
    (running.state / "last-exit").write_text("oom-kill killed KILL\n")

    again = daemon()
    text = again.wait_for("previous-run-crashed")
    assert "the kernel killed it for want of memory" in text
    assert "it was: recording" in text
    event = again.wait_for("recording-gap")
    assert f"since {local_text(until)}: anoncam was not running" in event
    again.stop()
    code, output, _ = ask(again, "events", "--json")
    assert code == 0
    entries = [json.loads(line) for line in output.splitlines()]
    names = [entry["event"] for entry in entries]
    assert names.count("started") == 2
    assert names.index("previous-run-crashed") < len(names) - 1 - names[::-1].index("started")
    assert (names.count("segment-salvaged"), names[-1]) == (1, "stopped")
    assert entries[-1]["fields"]["recorded"] == again.status()["counts"]["recorded"]
    assert len({entry["boot"] for entry in entries}) == 1

    third = recording(daemon())
    third.stop()
    assert third.of("previous-run-crashed") == []


def test_a_password_is_shown_nowhere(daemon: Start) -> None:
    running = daemon("source: {type: rtsp, address: 'rtsp://bob:hush-hush@127.0.0.1:9/x'}\n")
    running.wait_for("camera-waiting")
    running.wait_for("detector-up")
    running.wait_until(lambda status: "waiting" in status["doing"])
    processes = [running.process.pid, *running.children()]
    shown = [Path(f"/proc/{process}/cmdline").read_bytes().decode() for process in processes]
    shown += [(running.state / "status.json").read_text()]
    running.stop()
    shown += running.lines
    assert "bob:***@" in "\n".join(shown)
    assert "hush-hush" not in "\n".join(shown)
    for kept in running.state.iterdir():
        if kept.is_file() and "hush-hush" in kept.read_text():
            assert kept.stat().st_mode & 0o077 == 0


def test_systemd_is_notified_of_start_status_reload_and_stop(daemon: Start, tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(str(tmp_path / "notify"))
        manager.settimeout(30)
        running = daemon(environment={"NOTIFY_SOCKET": str(tmp_path / "notify")})
        while b"READY=1" not in (text := manager.recv(4096)):
            assert b"WATCHDOG=1" in text
        assert running.status()["counts"]["recorded"] > 0
        while b"STATUS=recording since " not in (text := manager.recv(4096)):
            pass
        assert b"WATCHDOG=1" in text
        running.reload(SYNTHETIC)
        while manager.recv(4096) != b"RELOADING=1":
            pass
        assert b"READY=1" in manager.recv(4096)
        running.process.send_signal(signal.SIGTERM)
        while manager.recv(4096) != b"STOPPING=1":
            pass
        assert running.wait() == 0
