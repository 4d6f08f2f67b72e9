"""The real daemon: what it records, how it is told things, and how it ends."""

import os
import re
import select
import signal
import socket
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from anoncam.errors import ConfigError, InputError
from tests.support.running import RunningDaemon, anoncam
from tests.support.watching import labels, likeness, luma

pytestmark = pytest.mark.integration

SYNTHETIC = "source: {type: synthetic, width: 320, height: 240}\n"


@pytest.fixture
def daemon(tmp_path: Path) -> Iterator[Callable[..., RunningDaemon]]:
    running: list[RunningDaemon] = []

    def start(config: str = SYNTHETIC, environment: dict[str, str] | None = None) -> RunningDaemon:
        running.append(RunningDaemon(tmp_path, config, environment))
        return running[-1]

    yield start
    for each in running:
        each.kill()


def test_footage_of_a_face_is_recorded_whole_with_the_face_covered_and_the_rest_sharp(
    daemon: Callable[..., RunningDaemon], footage: Path
) -> None:
    running = daemon(
        f"source: {{type: file, address: {footage}}}\nrecording: {{segment_length: 2}}\n"
    )

    assert running.wait() == 0
    clear = luma(footage)
    recorded = [frame for segment in running.recordings() for frame in luma(segment)]
    assert len(recorded) == len(clear) == running.status()["counts"]["recorded"]
    assert len(running.recordings()) == 2
    faces = labels(footage)
    assert sum(map(len, faces)) > 60
    for number, (before, after) in enumerate(zip(clear, recorded, strict=True)):
        for box in faces[number]:
            assert abs(likeness(before, after, box)) < 0.6, f"the face shows in frame {number}"
    sharp = [np.abs(a.astype(int) - b)[:40].mean() for a, b in zip(clear, recorded, strict=True)]
    assert np.median(sharp) < 6


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_finishes_the_open_segment_and_leaves_nobody_behind(
    daemon: Callable[..., RunningDaemon], number: signal.Signals
) -> None:
    running = daemon()
    running.wait_until(lambda status: status["counts"]["recorded"] >= 20)
    children = running.children()
    assert children

    assert running.stop(number) == 0
    (segment,) = running.recordings()
    assert (
        len(luma(segment))
        == running.status()["counts"]["recorded"]
        == running.status()["counts"]["captured"]
    )
    assert running.status()["doing"] == "stopped"
    assert not list((running.state / "recordings").glob("*.part"))
    assert not any(Path(f"/proc/{child}").exists() for child in children)


def test_the_detector_goes_with_a_daemon_that_is_killed_and_the_footage_is_salvaged(
    daemon: Callable[..., RunningDaemon],
) -> None:
    running = daemon()
    running.wait_until(lambda status: status["counts"]["recorded"] >= 75)
    (child,) = running.children()
    descriptor = os.pidfd_open(child)
    running.stop(signal.SIGKILL)
    with os.fdopen(descriptor) as process:
        assert _ended(process.fileno())

    again = daemon()
    again.wait_for("segment-salvaged")
    assert len(luma(again.recordings()[0])) >= 30
    again.stop()


def test_a_good_edit_takes_effect_without_losing_a_frame(
    daemon: Callable[..., RunningDaemon],
) -> None:
    running = daemon()
    running.wait_until(lambda status: status["counts"]["recorded"] >= 10)
    running.reload(
        SYNTHETIC + "anonymizer: {fill: solid}\ncoverage: {persistence: 2, keep_threshold: 0.05}\n"
    )

    told = running.wait_for("config-reloaded")
    assert "coverage.keep_threshold, coverage.persistence, anonymizer.fill" in told
    assert "no frame is lost" in told
    running.wait_until(lambda status: status["counts"]["recorded"] >= 60)
    assert running.stop() == 0
    counts = running.status()["counts"]
    assert counts["captured"] == counts["recorded"]
    assert counts["dropped"] == counts["veiled"] == 0
    assert len(running.recordings()) == 1


def test_a_bad_edit_is_rejected_with_every_line_and_the_old_one_stays_in_force(
    daemon: Callable[..., RunningDaemon],
) -> None:
    running = daemon()
    running.wait_until(lambda status: status["counts"]["recorded"] >= 5)
    running.reload(SYNTHETIC + "detector: {rate: 900}\nrecordings: {}\n")

    running.wait_for("config-rejected")
    checked = anoncam("check-config", running.config)
    status = running.wait_until(lambda status: bool(status["config"]["problems"]))
    assert status["config"]["problems"] == checked.stderr.splitlines()
    assert len(checked.stderr.splitlines()) == 2
    running.wait_until(lambda later: later["counts"]["recorded"] > status["counts"]["recorded"])
    assert running.stop() == 0
    assert "Traceback" not in "\n".join(running.lines)


def test_an_edit_that_needs_a_new_camera_set_up_says_so_and_gets_it(
    daemon: Callable[..., RunningDaemon],
) -> None:
    running = daemon()
    running.wait_until(lambda status: status["counts"]["recorded"] >= 5)
    running.reload(SYNTHETIC.replace("320", "400"))

    assert "source.width; the source is set up anew" in running.wait_for("config-reloaded")
    assert "400x240" in running.wait_for("source-chosen", 2)
    before = running.status()["counts"]["recorded"]
    running.wait_until(lambda status: status["counts"]["recorded"] > before + 20)
    running.stop()
    assert [luma(segment)[0].shape for segment in running.recordings()] == [(240, 320), (240, 400)]


def test_another_model_takes_over_without_a_veiled_frame(
    daemon: Callable[..., RunningDaemon],
) -> None:
    running = daemon(SYNTHETIC + "detector: {device: cpu}\n")
    running.wait_until(lambda status: status["counts"]["recorded"] >= 5)
    running.reload(SYNTHETIC + "detector: {device: cpu, model: anoncam-face-320x320}\n")

    running.wait_for("detector-up", 2)
    running.wait_until(
        lambda status: (
            status["detector"]["model"].endswith("320x320") and status["counts"]["recorded"] > 60
        )
    )
    running.stop()
    assert running.status()["counts"]["veiled"] == 0


def test_a_bad_file_at_the_start_falls_back_to_the_last_good_one_and_says_so(
    daemon: Callable[..., RunningDaemon],
) -> None:
    good = daemon()
    good.wait_until(lambda status: status["counts"]["recorded"] >= 5)
    good.stop()

    again = daemon("source: {type: synthetik}\n")
    told = again.wait_for("config-fell-back")
    assert "last good one is in force" in told
    status = again.wait_until(lambda status: status.get("doing") == "recording")
    assert "source.type" in status["config"]["problems"][0]
    assert again.stop() == 0


def test_without_a_usable_configuration_it_ends_with_every_problem(tmp_path: Path) -> None:
    bad = tmp_path / "bad.yaml"
    bad.write_text("sorce: {}\ndetector: {rate: fast}\n")
    for path, expected in ((bad, 2), (tmp_path / "none.yaml", 1)):
        ended = anoncam("run", "--config", path, environment={"STATE_DIRECTORY": str(tmp_path)})
        assert ended.returncode == ConfigError.exit_code
        assert len(ended.stderr.splitlines()) == expected
        assert str(path) in ended.stderr
        assert "Traceback" not in ended.stderr


def test_without_a_camera_it_waits_says_so_once_and_can_be_stopped(
    daemon: Callable[..., RunningDaemon],
) -> None:
    if list(Path("/dev").glob("video*")):
        pytest.skip("this machine has a camera")
    running = daemon("source: {type: auto}\n")
    assert "no camera found" in running.wait_for("camera-waiting")
    running.wait_until(lambda status: "waiting for a camera since" in status["doing"])
    assert running.stop() == 0
    assert len(running.of("camera-waiting")) == 1
    assert not running.recordings()


def test_a_password_is_shown_nowhere(daemon: Callable[..., RunningDaemon]) -> None:
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


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGSTOP])
def test_a_detector_that_dies_or_hangs_is_replaced_while_recording_goes_on(
    daemon: Callable[..., RunningDaemon], number: signal.Signals
) -> None:
    running = daemon(SYNTHETIC + "detector: {result_timeout: 0.5}\n")
    running.wait_until(lambda status: status["counts"]["recorded"] >= 20)
    (child,) = running.children()
    os.kill(child, number)

    running.wait_for("detector-dead")
    running.wait_for("detector-back")
    before = running.status()["counts"]["recorded"]
    running.wait_until(lambda status: status["counts"]["recorded"] > before + 30)
    assert child not in running.children()
    assert running.stop() == 0
    assert len(running.of("detector-dead")) == len(running.of("detector-back")) == 1
    assert len(running.of("veil-began")) == len(running.of("veil-ended"))
    counts = running.status()["counts"]
    assert counts["captured"] == counts["recorded"]


def test_a_file_that_cannot_be_read_ends_it_with_one_line(tmp_path: Path) -> None:
    for name, content in (
        ("none.mp4", None),
        ("empty.mp4", b""),
        ("noise.mp4", b"no video " * 100),
    ):
        path = tmp_path / name
        if content is not None:
            path.write_bytes(content)
        config = tmp_path / "config.yaml"
        config.write_text(f"source: {{type: file, address: {path}}}\n")
        ended = anoncam(
            "run", "--config", config, environment={"STATE_DIRECTORY": str(tmp_path / "state")}
        )
        assert ended.returncode == InputError.exit_code
        told = [line for line in ended.stderr.splitlines() if line.startswith("anoncam: ")]
        assert len(told) == 1
        assert name in told[0]
        assert "Traceback" not in ended.stderr


def test_log_lines_begin_with_time_level_and_event(daemon: Callable[..., RunningDaemon]) -> None:
    running = daemon()
    running.wait_for("encoder-chosen")
    running.stop()
    for line in running.lines:
        time = r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d[+-]\d\d:\d\d"
        assert re.match(rf"{time} (INFO|WARNING|ERROR) +[a-z-]+: ", line), line


def test_systemd_is_told_when_it_is_ready_what_it_does_that_it_lives_and_that_it_stops(
    daemon: Callable[..., RunningDaemon], tmp_path: Path
) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(str(tmp_path / "notify"))
        manager.settimeout(30)
        running = daemon(environment={"NOTIFY_SOCKET": str(tmp_path / "notify")})
        while b"READY=1" not in (told := manager.recv(4096)):
            assert b"WATCHDOG=1" in told
        assert running.status()["counts"]["recorded"] > 0
        while b"STATUS=recording since " not in (told := manager.recv(4096)):
            pass
        assert b"WATCHDOG=1" in told
        running.reload(SYNTHETIC)
        while manager.recv(4096) != b"RELOADING=1":
            pass
        assert b"READY=1" in manager.recv(4096)
        running.process.send_signal(signal.SIGTERM)
        while manager.recv(4096) != b"STOPPING=1":
            pass
        assert running.wait() == 0


def _ended(process: int) -> bool:
    return bool(select.select([process], [], [], 10)[0])
