"""The real daemon over cameras, detectors and disks that fail, and come back."""

import os
import signal
import time
from pathlib import Path

import pytest

from anoncam.service.source_reports import AT_ONCE
from tests.support.daemons import SYNTHETIC, Start, recorded, stop_well
from tests.support.rtsp_server import RtspCamera
from tests.support.watching import luma

pytestmark = pytest.mark.integration


def test_without_a_camera_it_waits_and_reports_that_once(
    daemon: Start,
) -> None:
    if list(Path("/dev").glob("video*")):
        pytest.skip("this machine has a camera")
    running = daemon("source: {type: auto}\n")
    assert "no camera found" in running.wait_for("camera-waiting")
    running.wait_until(lambda status: "waiting for a camera since" in status["doing"])
    assert running.stop() == 0
    assert len(running.of("camera-waiting")) == 1
    assert not running.recordings()


def test_a_network_camera_that_hangs_up_is_recorded_again_and_its_password_is_shown_nowhere(
    daemon: Start,
) -> None:
    with RtspCamera(user="bob", password="hush-hush") as camera:  # noqa: S106 - the stand-in's own
        address = camera.address.replace("//", "//bob:hush-hush@")
        running = daemon(f"source: {{type: rtsp, address: '{address}'}}\n")
        running.wait_until(recorded(10))
        camera.hang_up()
        running.wait_for("source-lost")
        running.wait_for("source-chosen", 2)
        running.wait_until(recorded(running.status()["counts"]["recorded"] + 10))
        stop_well(running)
    assert len(running.of("source-lost")) == 1
    shown = "\n".join([*running.lines, (running.state / "status.json").read_text()])
    assert "bob:***@" in shown
    assert "hush-hush" not in shown


def test_a_refused_password_is_told_and_tried_again_only_after_minutes_or_a_reload(
    daemon: Start,
) -> None:
    with RtspCamera(user="bob", password="not yet") as camera:  # noqa: S106 - the stand-in's own
        config = f"source: {{type: rtsp, address: '{camera.address}'}}\n"
        running = daemon(config.replace("//", "//bob:hush-hush@"))
        assert "refuses the user name or the password" in running.wait_for("camera-waiting")
        running.wait_until(lambda status: "name or the password" in status["doing"])
        time.sleep(3)
        assert attempts(camera) == 1
        running.process.send_signal(signal.SIGHUP)
        running.wait_for("camera-waiting", 2)
        assert attempts(camera) == 2
        camera.password = "hush-hush"  # noqa: S105 - the stand-in's own
        running.process.send_signal(signal.SIGHUP)
        running.wait_until(recorded(5))
        stop_well(running)
    assert "hush-hush" not in "\n".join(running.lines)


def attempts(camera: RtspCamera) -> int:
    """How often the camera was given a name and a password."""
    return sum("Authorization:" in request for request in camera.requests)


def test_a_camera_that_refuses_the_password_once_it_has_started_is_told(daemon: Start) -> None:
    with RtspCamera() as camera:
        camera.replies["DESCRIBE"] = "503 Service Unavailable"
        running = daemon(f"source: {{type: rtsp, address: '{camera.address}'}}\n")
        assert "the camera is busy" in running.wait_for("camera-waiting")
        camera.replies["DESCRIBE"] = "401 Unauthorized"
        assert "name or the password" in running.wait_for("camera-waiting", 2)
        running.wait_until(lambda status: "name or the password" in status["doing"])
        stop_well(running)


def test_a_camera_that_flaps_has_few_lines_and_all_of_its_losses_are_counted(
    daemon: Start,
) -> None:
    with RtspCamera() as camera:
        running = daemon(f"source: {{type: rtsp, address: '{camera.address}'}}\n")
        running.wait_until(recorded(5))
        for losses in range(1, 7):
            camera.hang_up()
            running.wait_until(lambda status, losses=losses: status["counts"]["losses"] == losses)  # type: ignore[misc]
            running.wait_until(recorded(running.status()["counts"]["recorded"] + 5))
        stop_well(running)
    # At the stop comes the line that was held back.
    assert len(running.of("source-lost")) + len(running.of("source-chosen")) == AT_ONCE + 1
    assert "lost 4 times since the line before this one" in running.of("source-chosen")[-1]


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGSTOP])
def test_a_detector_that_dies_or_hangs_is_replaced_while_recording_goes_on(
    daemon: Start, number: signal.Signals
) -> None:
    running = daemon(SYNTHETIC + "detector: {result_timeout: 0.5}\n")
    running.wait_until(recorded(20))
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


def test_a_recordings_folder_that_cannot_be_written_is_reported_once_and_used_when_it_can(
    daemon: Start, tmp_path: Path
) -> None:
    obstacle = tmp_path / "disk"
    obstacle.write_text("in the way of the folder")
    running = daemon(SYNTHETIC + f"recording: {{folder: {obstacle}/recordings}}\n")
    assert str(obstacle) in running.wait_for("storage-failed")
    running.wait_until(recorded(60))
    obstacle.unlink()
    running.wait_for("storage-back")
    stop_well(running)
    assert len(running.of("storage-failed")) == len(running.of("storage-back")) == 1
    (segment,) = (obstacle / "recordings").glob("*.mp4")
    assert len(luma(segment)) > 0
