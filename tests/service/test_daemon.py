"""The real daemon in trouble: edits that cannot work, detectors that hang, disks and sources that
fail."""

import os
import signal
import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from anoncam.errors import ConfigError, InputError
from tests.support.clips import cut, damage, make_clip, make_sound
from tests.support.detector_faults import Faults
from tests.support.rtsp_server import RtspCamera
from tests.support.running import RunningDaemon, anoncam
from tests.support.watching import luma

pytestmark = pytest.mark.integration

SYNTHETIC = "source: {type: synthetic, width: 320, height: 240}\n"

STOPS_WITHIN = 10
"""Seconds; far more than the 3 that are promised, and far less than any wait for a detector or a
network."""


@pytest.fixture
def daemon(tmp_path: Path) -> Iterator[Callable[..., RunningDaemon]]:
    running: list[RunningDaemon] = []

    def start(config: str = SYNTHETIC, environment: dict[str, str] | None = None) -> RunningDaemon:
        running.append(RunningDaemon(tmp_path, config, environment))
        return running[-1]

    yield start
    for each in running:
        each.kill()


def recorded(count: int) -> Callable[[dict[str, Any]], bool]:
    return lambda status: bool(status["counts"]["recorded"] >= count)


def waiting_for(node: str) -> Callable[[dict[str, Any]], bool]:
    return lambda status: (
        "waiting for a camera since" in status["doing"] and node in status["doing"]
    )


def ends_well(running: RunningDaemon) -> None:
    running.process.send_signal(signal.SIGTERM)
    assert running.process.wait(STOPS_WITHIN) == 0
    running.wait()
    assert not running.of("stage-failed")
    assert "Traceback" not in "\n".join(running.lines)


def test_an_edit_to_a_camera_that_is_missing_is_told_and_one_to_a_camera_that_is_there_heals_it(
    daemon: Callable[..., RunningDaemon],
) -> None:
    running = daemon()
    running.wait_until(recorded(5))
    for number, node in enumerate(("/dev/video-front", "/dev/video-back"), 1):
        running.reload(f"source: {{type: v4l2, address: {node}}}\n")
        assert node in running.wait_for("camera-waiting", number)
        running.wait_until(waiting_for(node))
    running.reload(SYNTHETIC)
    running.wait_for("source-chosen", 2)
    before = running.status()["counts"]["recorded"]
    assert running.wait_until(recorded(before + 10))["doing"] == "recording"
    ends_well(running)
    assert len(running.of("camera-waiting")) == 2


def test_settings_of_recording_and_coverage_take_effect_without_losing_a_frame(
    daemon: Callable[..., RunningDaemon],
) -> None:
    running = daemon()
    running.wait_until(recorded(5))
    running.reload(
        SYNTHETIC + "recording: {segment_length: 1, retention: {max_size: 1GB, min_free: 1MB}}\n"
        "detector: {rate: 15, max_gap: 0.4}\ncoverage: {start_threshold: 0.5}\n"
    )
    assert "no frame is lost" in running.wait_for("config-reloaded")
    running.wait_for("segment-finished", 2)
    ends_well(running)
    counts = running.status()["counts"]
    assert (
        counts["captured"]
        == counts["recorded"]
        == sum(len(luma(path)) for path in running.recordings())
    )
    assert counts["dropped"] == counts["veiled"] == 0


def test_a_model_that_is_none_is_rejected_and_the_old_one_goes_on(
    daemon: Callable[..., RunningDaemon],
) -> None:
    running = daemon()
    running.wait_until(recorded(5))
    last_good = (running.state / "last-good-config.json").read_text()
    running.reload(SYNTHETIC + "detector: {model: /none/such.tflite}\n")
    running.wait_for("config-rejected")
    (problem,) = running.wait_until(lambda status: bool(status["config"]["problems"]))["config"][
        "problems"
    ]
    assert "/none/such.tflite" in problem
    assert problem in running.lines
    running.wait_until(recorded(running.status()["counts"]["recorded"] + 45))
    ends_well(running)
    assert running.status()["counts"]["veiled"] == 0
    assert not running.of("detector-dead")
    assert (running.state / "last-good-config.json").read_text() == last_good


def test_another_model_takes_over_without_a_veiled_frame_at_default_settings(
    daemon: Callable[..., RunningDaemon],
) -> None:
    running = daemon()
    running.wait_until(recorded(5))
    running.reload(SYNTHETIC + "detector: {model: anoncam-face-320x320}\n")
    running.wait_for("detector-up", 2)
    running.wait_until(recorded(running.status()["counts"]["recorded"] + 20))
    ends_well(running)
    assert running.status()["counts"]["veiled"] == 0


def test_a_stop_does_not_wait_for_a_detector_that_never_starts(
    daemon: Callable[..., RunningDaemon], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    faults = Faults(tmp_path / "faults.json", monkeypatch)
    faults.set(load="stop")
    running = daemon(SYNTHETIC + "detector: {runtime: tflite-runtime, device: cpu}\n")
    running.wait_for("source-chosen")
    ends_well(running)


def test_an_edit_whose_detector_never_starts_neither_stops_the_recording_nor_delays_the_stop(
    daemon: Callable[..., RunningDaemon], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    faults = Faults(tmp_path / "faults.json", monkeypatch)
    settings = SYNTHETIC + "detector: {runtime: tflite-runtime, device: cpu}\n"
    running = daemon(settings)
    running.wait_until(recorded(5))
    (before,) = running.children()
    faults.set(load="stop")
    running.reload(settings + "coverage: {keep_threshold: 0.1}\n")
    running.wait_until(lambda _: len(running.children()) == 2)
    running.wait_until(recorded(running.status()["counts"]["recorded"] + 60))
    assert before in running.children()
    ends_well(running)
    assert running.status()["counts"]["veiled"] == 0


def test_a_stop_does_not_wait_for_a_detector_that_hangs(
    daemon: Callable[..., RunningDaemon],
) -> None:
    running = daemon(SYNTHETIC + "detector: {result_timeout: 60}\n")
    running.wait_until(recorded(20))
    (child,) = running.children()
    os.kill(child, signal.SIGSTOP)
    running.wait_for("veil-began")
    ends_well(running)
    assert not Path(f"/proc/{child}").exists()
    counts = running.status()["counts"]
    assert (
        counts["captured"]
        == counts["recorded"]
        == sum(len(luma(path)) for path in running.recordings())
    )
    assert counts["veiled"] > 0


def test_a_network_camera_that_hangs_up_is_told_once_and_recorded_again_and_its_password_is_shown_nowhere(
    daemon: Callable[..., RunningDaemon],
) -> None:
    with RtspCamera(user="bob", password="hush-hush") as camera:  # noqa: S106 - the stand-in's own
        address = camera.address.replace("//", "//bob:hush-hush@")
        running = daemon(f"source: {{type: rtsp, address: '{address}'}}\n")
        running.wait_until(recorded(10))
        camera.hang_up()
        running.wait_for("source-lost")
        running.wait_for("source-chosen", 2)
        running.wait_until(recorded(running.status()["counts"]["recorded"] + 10))
        ends_well(running)
    assert len(running.of("source-lost")) == 1
    shown = "\n".join([*running.lines, (running.state / "status.json").read_text()])
    assert "bob:***@" in shown
    assert "hush-hush" not in shown


def test_a_network_camera_that_never_answers_does_not_delay_the_stop(
    daemon: Callable[..., RunningDaemon],
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        running = daemon(
            f"source: {{type: rtsp, address: 'rtsp://127.0.0.1:{server.getsockname()[1]}/x'}}\n"
        )
        server.settimeout(30)
        connection, _ = server.accept()
        with connection:
            ends_well(running)


def test_a_folder_that_cannot_be_written_is_told_once_and_recording_begins_when_it_can(
    daemon: Callable[..., RunningDaemon], tmp_path: Path
) -> None:
    obstacle = tmp_path / "disk"
    obstacle.write_text("in the way of the folder")
    running = daemon(SYNTHETIC + f"recording: {{folder: {obstacle}/recordings}}\n")
    assert str(obstacle) in running.wait_for("storage-failed")
    running.wait_until(recorded(60))
    obstacle.unlink()
    running.wait_for("storage-back")
    ends_well(running)
    assert len(running.of("storage-failed")) == len(running.of("storage-back")) == 1
    (segment,) = (obstacle / "recordings").glob("*.mp4")
    assert len(luma(segment)) > 0


def test_a_state_folder_that_cannot_be_written_is_told_once_while_recording_goes_on(
    daemon: Callable[..., RunningDaemon], tmp_path: Path
) -> None:
    (tmp_path / "state").write_text("in the way of the folder")
    running = daemon(
        SYNTHETIC + f"recording: {{folder: {tmp_path}/recordings, segment_length: 1}}\n"
    )
    running.wait_for("segment-finished", 3)
    ends_well(running)
    assert len([line for line in running.lines if "status file" in line]) == 1
    assert len(list((tmp_path / "recordings").glob("*.mp4"))) >= 3


@pytest.mark.parametrize("kind", ["cut off", "spoiled in its middle", "sound"])
def test_a_file_that_breaks_off_ends_it_with_one_line_and_what_came_before_is_recorded(
    daemon: Callable[..., RunningDaemon], tmp_path: Path, kind: str
) -> None:
    path = tmp_path / "clip.mkv"
    if kind == "sound":
        make_sound(path, with_video=False)
    elif kind == "cut off":
        path = cut(make_clip(path, size=(320, 180), times=range(40)), 0.5)
    else:
        clip = make_clip(
            path,
            size=(320, 180),
            times=range(40),
            options={"preset": "ultrafast", "g": "10", "bf": "0"},
        )
        path = damage(clip, 0.5, 4000)
    running = daemon(f"source: {{type: file, address: {path}}}\n")
    assert running.wait() == InputError.exit_code
    (told,) = [line for line in running.lines if line.startswith("anoncam: ")]
    assert str(path) in told
    assert "Traceback" not in "\n".join(running.lines)
    frames = sum(len(luma(segment)) for segment in running.recordings())
    assert frames == running.status()["counts"]["recorded"]
    assert (frames > 10) == (kind != "sound")


def test_problems_at_the_start_are_the_lines_of_check_config(tmp_path: Path) -> None:
    bad = tmp_path / "bad.yaml"
    bad.write_text("sorce: {}\ndetector: {rate: fast}\n")
    started = anoncam("run", "--config", bad, environment={"STATE_DIRECTORY": str(tmp_path)})
    checked = anoncam("check-config", bad)
    assert started.returncode == checked.returncode == ConfigError.exit_code
    assert started.stderr.splitlines() == checked.stderr.splitlines()
    assert all(line.startswith(f"{bad}:") for line in started.stderr.splitlines())
