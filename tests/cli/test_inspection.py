"""The real daemon, looked at from outside: status, snapshots, its own events, systemd's
watchdog."""

import json
import signal
import socket
from collections.abc import Callable, Iterator
from pathlib import Path

import av
import numpy as np
import pytest

from anoncam.errors import NotRunningError, StorageError
from tests.support.running import RunningDaemon, anoncam
from tests.support.watching import labels, likeness, luma

pytestmark = pytest.mark.integration

SYNTHETIC = "source: {type: synthetic, width: 320, height: 240}\n"

FREEZE_RECORDING = """
import threading
from anoncam.service import stage_watch
from anoncam.recording.segment_recorder import SegmentRecorder

stage_watch.STALL = 2.0
write = SegmentRecorder.write

def hang(self, frame):
    if frame.sequence == 30:
        threading.Event().wait()
    write(self, frame)

SegmentRecorder.write = hang
"""

FREEZE_CAPTURE_ONCE = """
from anoncam.service import stage_watch
from anoncam.sources.synthetic import SyntheticSource

stage_watch.STALL = 2.0
read = SyntheticSource.read
frames = 0

def hang(self):
    global frames
    frames += 1
    if frames == 30:
        while not self._stop.wait(60):
            pass
    return read(self)

SyntheticSource.read = hang
"""


@pytest.fixture
def daemon(tmp_path: Path) -> Iterator[Callable[..., RunningDaemon]]:
    running: list[RunningDaemon] = []

    def start(
        config: str = SYNTHETIC, environment: dict[str, str] | None = None, spoiled_by: str = ""
    ) -> RunningDaemon:
        running.append(RunningDaemon(tmp_path, config, environment, spoiled_by))
        return running[-1]

    yield start
    for each in running:
        each.kill()


@pytest.fixture
def manager(tmp_path: Path) -> Iterator[socket.socket]:
    """The socket of a service manager, at `notify`."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listening:
        listening.bind(str(tmp_path / "notify"))
        listening.settimeout(30)
        yield listening


def ask(running: RunningDaemon, *arguments: str | Path) -> tuple[int, str, str]:
    """A command for the daemon's folder: exit code, output, errors."""
    ended = anoncam(*arguments, environment={"STATE_DIRECTORY": str(running.state)})
    return ended.returncode, ended.stdout, ended.stderr


def recording(running: RunningDaemon, frames: int = 20) -> RunningDaemon:
    running.wait_until(
        lambda status: status["state"] == "recording" and status["counts"]["recorded"] >= frames
    )
    return running


def test_a_snapshot_shows_what_the_camera_sees_with_the_face_covered(
    daemon: Callable[..., RunningDaemon], footage: Path, tmp_path: Path
) -> None:
    # The first frames of the footage, over and over: a face that is always in view.
    running = recording(daemon(f"source: {{type: file, address: {footage}, loop: true}}\n"))
    target = tmp_path / "now.jpg"
    code, _, errors = ask(running, "snapshot", "-o", target)
    assert (code, errors) == (0, "")
    with av.open(str(target)) as container:
        shown = (
            next(container.decode(video=0)).to_ndarray(format="gray").astype(np.uint8, copy=False)
        )
    clear, faces = luma(footage), labels(footage)
    # Which moment it is, by what is not covered.
    moment = min(
        range(len(clear)),
        key=lambda number: float(np.abs(shown[:40].astype(int) - clear[number][:40]).mean()),
    )
    assert np.abs(shown[:40].astype(int) - clear[moment][:40]).mean() < 12
    for box in faces[moment]:
        assert abs(likeness(clear[moment], shown, box)) < 0.6


def test_a_snapshot_overwrites_nothing_without_force_and_can_go_to_standard_output(
    daemon: Callable[..., RunningDaemon], tmp_path: Path
) -> None:
    running = recording(daemon())
    target = tmp_path / "now.jpg"
    target.write_text("mine")
    code, _, errors = ask(running, "snapshot", "-o", target)
    assert (code, target.read_text()) == (StorageError.exit_code, "mine")
    assert "--force" in errors
    assert ask(running, "snapshot", "-o", target, "--force")[0] == 0
    assert target.read_bytes().startswith(b"\xff\xd8")
    assert [path.name for path in tmp_path.iterdir() if path.name.endswith(".part")] == []
    assert ask(running, "snapshot", "-o", tmp_path / "now.bmp")[0] == StorageError.exit_code


def test_without_a_detector_the_snapshot_is_the_veil_and_says_why(
    daemon: Callable[..., RunningDaemon], footage: Path, tmp_path: Path
) -> None:
    running = daemon(
        f"source: {{type: file, address: {footage}, loop: true}}\ndetector: {{model: /none.tflite}}\n"
    )
    running.wait_until(lambda status: status["counts"]["veiled"] > 5)
    code, _, errors = ask(running, "snapshot", "-o", tmp_path / "veil.jpg")
    assert code == 0
    assert "the picture is veiled: cannot read model /none.tflite" in errors
    with av.open(str(tmp_path / "veil.jpg")) as container:
        shown = next(container.decode(video=0)).to_ndarray(format="gray")
    # Five rows of squares over 360 rows: within one, nothing changes.
    assert np.median(np.abs(np.diff(shown[10:60, 10:60].astype(int), axis=0))) <= 1
    code, told, _ = ask(running, "status")
    assert code == 8
    assert "safe: whole frames are covered, because cannot read model" in told


def test_without_a_daemon_or_a_camera_there_is_no_snapshot_and_no_file(
    daemon: Callable[..., RunningDaemon], tmp_path: Path
) -> None:
    running = daemon("source: {type: rtsp, address: 'rtsp://bob:hush@127.0.0.1:9/x'}\n")
    running.wait_until(lambda status: status["state"] == "waiting-for-camera")
    target = tmp_path / "now.jpg"
    code, _, errors = ask(running, "snapshot", "-o", target)
    assert code == NotRunningError.exit_code
    assert "there is no picture: waiting for a camera since" in errors
    assert "hush" not in errors
    assert ask(running, "status")[0] == 7
    running.stop()
    code, _, errors = ask(running, "snapshot", "-o", target)
    assert (code, "no daemon is running" in errors) == (NotRunningError.exit_code, True)
    assert not target.exists()


def test_status_tells_what_runs_and_that_it_has_ended(daemon: Callable[..., RunningDaemon]) -> None:
    running = recording(daemon())
    code, told, _ = ask(running, "status", "--json")
    assert code == 0
    status = json.loads(told)
    assert (status["verdict"], status["pid"]) == ("recording", running.process.pid)
    assert status["fps"] > 0
    assert status["recording"]["free_bytes"] > 0
    running.stop()
    assert ask(running, "status")[:2] == (
        3,
        f"anoncam is not running\nlast known  {_at(running)}: stopped\nstate in    {running.state}\n",
    )


def test_a_hanging_daemon_is_told_apart(daemon: Callable[..., RunningDaemon]) -> None:
    running = recording(daemon())
    running.process.send_signal(signal.SIGSTOP)
    status = running.state / "status.json"
    old = json.loads(status.read_text())
    status.write_text(json.dumps(old | {"at": "2026-01-01T00:00:00+00:00"}))
    code, told, _ = ask(running, "status")
    running.process.send_signal(signal.SIGCONT)
    assert (code, "it hangs" in told) == (9, True)


def test_a_second_daemon_on_the_same_folder_is_refused_and_the_first_goes_on(
    daemon: Callable[..., RunningDaemon], tmp_path: Path
) -> None:
    running = recording(daemon())
    code, _, errors = ask(running, "run", "--config", running.config)
    assert code == 1
    assert f"another daemon uses {running.state}" in errors
    assert ask(running, "status")[0] == 0


def test_after_a_kill_the_next_start_tells_of_the_crash_and_the_gap_and_the_events_are_kept(
    daemon: Callable[..., RunningDaemon],
) -> None:
    running = recording(daemon())
    running.stop(signal.SIGKILL)
    assert ask(running, "status")[:1] == (3,)
    note = running.state / "last-known.json"
    assert json.loads(note.read_text())["state"] == "recording"
    # As if it had happened an hour ago.
    hour_ago = "2026-01-31T12:00:00+00:00"
    note.write_text(json.dumps(json.loads(note.read_text()) | {"recorded_until": hour_ago}))
    (running.state / "last-exit").write_text("oom-kill killed KILL\n")

    again = daemon()
    told = again.wait_for("previous-run-crashed")
    assert "the kernel killed it for want of memory" in told
    assert "it was: recording" in told
    assert f"since {hour_ago}: anoncam was not running" in again.wait_for("recording-gap")
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


def test_the_runtime_folder_of_systemd_holds_status_and_socket_and_spares_the_disk(
    daemon: Callable[..., RunningDaemon], tmp_path: Path
) -> None:
    runtime = tmp_path / "run"
    running = daemon(environment={"RUNTIME_DIRECTORY": str(runtime)})
    running.wait_for("encoder-chosen")
    running.wait_for("detector-up")
    names = {path.name for path in runtime.iterdir()}
    running.stop()
    assert {"control", "status.json"} <= names | {"status.json"}
    assert "control" not in {path.name for path in runtime.iterdir()}
    assert not (running.state / "status.json").exists()


def test_a_state_folder_that_cannot_be_written_stops_no_recording(
    daemon: Callable[..., RunningDaemon], tmp_path: Path
) -> None:
    (tmp_path / "state").write_text("in the way")
    recordings = tmp_path / "elsewhere"
    running = daemon(
        f"{SYNTHETIC}recording: {{folder: {recordings}}}\n",
        {"RUNTIME_DIRECTORY": str(tmp_path / "run")},
    )
    running.wait_for("encoder-chosen")
    running._wait(
        lambda: any(recordings.glob("*.part")) if recordings.exists() else False, "a segment"
    )
    assert running.stop() == 0
    (segment,) = recordings.glob("*.mp4")
    assert luma(segment)


def test_a_stage_that_no_stop_can_reach_starves_the_watchdog(
    daemon: Callable[..., RunningDaemon], manager: socket.socket, tmp_path: Path
) -> None:
    running = daemon(
        environment={"NOTIFY_SOCKET": str(tmp_path / "notify")}, spoiled_by=FREEZE_RECORDING
    )
    assert "no progress in recording" in running.wait_for("stage-frozen")
    for _ in range(60):
        if b"WATCHDOG=1" not in manager.recv(4096):
            break
    else:
        raise AssertionError("the watchdog is still fed")
    assert b"WATCHDOG=1" not in manager.recv(4096)
    assert running.stop() == 0
    assert len(running.of("stage-frozen")) == 1


def test_a_stage_that_hangs_once_is_started_again_within_the_process(
    daemon: Callable[..., RunningDaemon], manager: socket.socket, tmp_path: Path
) -> None:
    running = daemon(
        environment={"NOTIFY_SOCKET": str(tmp_path / "notify")}, spoiled_by=FREEZE_CAPTURE_ONCE
    )
    assert "no progress in capture" in running.wait_for("stage-frozen")
    running.wait_for("source-chosen", 2)
    before = running.status()["counts"]["recorded"]
    recording(running, before + 30)
    assert running.stop() == 0
    assert len(running.of("stage-frozen")) == 1
    manager.settimeout(0.1)
    told = b"".join(_all(manager))
    assert told.count(b"WATCHDOG=1") == told.count(b"STATUS=")


def test_waiting_for_a_camera_is_ready_and_feeds_the_watchdog(
    daemon: Callable[..., RunningDaemon], manager: socket.socket, tmp_path: Path
) -> None:
    config = "source: {type: rtsp, address: 'rtsp://127.0.0.1:9/x'}\n"
    running = daemon(config, {"NOTIFY_SOCKET": str(tmp_path / "notify")})
    while b"READY=1" not in (told := manager.recv(4096)):
        pass
    assert b"STATUS=waiting for a camera since" in told
    assert b"WATCHDOG=1" in told
    assert running.stop() == 0


def test_a_mistake_of_ours_is_told_as_a_crash_and_not_told_again(
    daemon: Callable[..., RunningDaemon],
) -> None:
    spoil = "from anoncam.service.daemon import Daemon\nDaemon._attend = lambda self: 1 / 0"
    running = daemon(spoiled_by=spoil)
    assert running.wait() == 1
    assert running.of("crashed") == ["the daemon crashed: ZeroDivisionError: division by zero"]
    assert any("ZeroDivisionError" in line for line in running.lines)
    again = recording(daemon())
    again.stop()
    assert again.of("previous-run-crashed") == []


def _at(running: RunningDaemon) -> str:
    return str(running.status()["at"])


def _all(manager: socket.socket) -> Iterator[bytes]:
    while True:
        try:
            yield manager.recv(4096)
        except TimeoutError:
            return
