"""The service as systemd runs it: started, edited, killed, starved, and what it has recorded by
then."""

import pytest

from tests.support.checkout import ROOT
from tests.support.watching import luma
from tests.system.camera import CONFIG, CONFIG_FILE, HELPERS, PYTHON, RECORDINGS, Camera
from tests.system.comparing import Box, Plane, compare

pytestmark = pytest.mark.timeout(600)


def test_a_started_service_records_and_reports_what_it_does(camera: Camera) -> None:
    camera.run("systemctl", "stop", "anoncam")
    camera.run("systemctl", "start", "anoncam")
    # Returns when the service is ready. Only the first result of the detector is still missing.
    assert camera.property("ActiveState") == "active"
    status = camera.wait_for_status(
        lambda status: status["state"] == "recording" and status["counts"]["faces_covered"]
    )
    assert status["verdict"] == "recording"
    camera.wait(lambda: "ms per result" in camera.property("StatusText"), "the line of status")
    assert camera.property("StatusText").startswith("recording since")
    assert camera.property("NRestarts") == "0"


def test_what_is_recorded_is_sharp_but_for_the_faces(
    camera: Camera, clear: list[Plane], faces: list[list[Box]]
) -> None:
    compared = compare(camera.more_segments(3), clear, faces)
    assert compared.frames > 60
    assert compared.faces > 30
    assert compared.shown == ()
    assert compared.sharp > 0.8 * compared.frames


def test_a_good_edit_is_applied_without_losing_a_frame(camera: Camera) -> None:
    mark = camera.now()
    before = camera.status()["counts"]
    camera.configure(CONFIG + "anonymizer: {fill: solid}\n")
    camera.run("systemctl", "reload", "anoncam")
    entry = camera.wait_for("config-reloaded", mark)
    assert "anonymizer.fill" in entry["MESSAGE"]
    assert "no frame is lost" in entry["MESSAGE"]
    after = camera.wait_for_status(
        lambda status: status["counts"]["recorded"] > before["recorded"] + 30
    )["counts"]
    assert after["dropped"] == before["dropped"]
    assert camera.of("source-chosen", mark) == []


def test_a_bad_edit_is_rejected_with_file_and_line_and_recording_goes_on(camera: Camera) -> None:
    mark = camera.now()
    before = camera.status()["counts"]["recorded"]
    camera.configure(CONFIG + "detector: {rate: 900}\nrecordings: {}\n")
    camera.run("systemctl", "reload", "anoncam")
    entry = camera.wait_for("config-rejected", mark)
    assert f"{CONFIG_FILE}:3: detector.rate" in entry["MESSAGE"]
    assert f"{CONFIG_FILE}:4:" in entry["MESSAGE"]
    status = camera.wait_for_status(lambda status: status["counts"]["recorded"] > before + 15)
    assert len(status["config"]["problems"]) == 2
    # After a restart the last good one is in force.
    mark = camera.now()
    camera.restart()
    camera.wait_for("config-fell-back", mark)
    assert camera.status()["source"] == "/srv/footage/face.mp4"


def test_without_any_good_configuration_it_is_not_started_again_and_again(camera: Camera) -> None:
    good = camera.container.path("/var/lib/anoncam/last-good-config.json")
    kept = good.read_bytes()
    camera.run("systemctl", "stop", "anoncam")
    good.unlink()
    camera.configure("detector: {rate: 900}\n")
    assert camera.try_to("systemctl", "start", "anoncam").returncode != 0
    assert camera.property("ExecMainStatus") == "2"
    assert camera.property("ActiveState") == "failed"
    assert camera.property("NRestarts") == "0"
    good.write_bytes(kept)


def test_a_killed_daemon_is_started_again_and_its_footage_survives(camera: Camera) -> None:
    number = camera.property("MainPID")
    # Two of the open segment's four seconds have come by then, of which at least one is on the
    # disk.
    camera.more_segments(1)
    start = camera.status()["counts"]["recorded"]
    camera.wait_for_status(lambda status: status["counts"]["recorded"] > start + 30)
    mark = camera.now()
    camera.run("systemctl", "kill", "--kill-whom=main", "--signal=KILL", "anoncam")
    assert "signal" in camera.wait_for("previous-run-crashed", mark)["MESSAGE"]
    salvaged = camera.wait_for("segment-salvaged", mark)["ANONCAM_NAME"]
    assert len(luma(camera.container.path(f"{RECORDINGS}/{salvaged}"))) > 10
    camera.wait_for("recording-gap", mark)
    camera.wait_for_status(
        lambda status: status["state"] == "recording" and status["counts"]["recorded"] > 15
    )
    assert camera.property("MainPID") != number


def test_a_network_camera_that_goes_away_heals_within_the_process(camera: Camera) -> None:
    for name in ("rtsp_server.py", "clips.py"):
        place = f"tests/support/{name}"
        camera.give(ROOT / place, f"{HELPERS}/{place}")
    serve = [
        "systemd-run",
        "--unit=network-camera",
        "--collect",
        PYTHON,
        f"{HELPERS}/network_camera.py",
    ]
    camera.run(*serve)
    camera.configure("source: {type: rtsp, address: 'rtsp://127.0.0.1:8554/stream'}\n")
    with camera.drop_in("RestrictAddressFamilies=AF_INET AF_INET6\nIPAddressAllow=127.0.0.1"):
        camera.restart()
        number = camera.property("MainPID")
        mark = camera.now()
        camera.run("systemctl", "stop", "network-camera")
        camera.wait_for("source-lost", mark)
        assert (
            "waiting for a camera since"
            in camera.wait_for_status(lambda status: status["state"] != "recording")["doing"]
        )
        camera.wait(
            lambda: "waiting for a camera" in camera.property("StatusText"), "the line of status"
        )
        assert camera.try_to("anoncam", "status").returncode == 7
        camera.run(*serve)
        camera.wait_for("source-chosen", mark)
        camera.wait_for_status(lambda status: status["state"] == "recording")
        assert camera.property("MainPID") == number
    camera.run("systemctl", "stop", "network-camera")


def test_a_frozen_stage_is_ended_by_the_watchdog_and_recording_goes_on(camera: Camera) -> None:
    mark = camera.now()
    program = f"ExecStart=\nExecStart={PYTHON} -I {HELPERS}/frozen.py run\nWatchdogSec=5"
    with camera.drop_in(program):
        camera.run("systemctl", "restart", "anoncam")
        assert camera.wait_for("stage-frozen", mark)["ANONCAM_STAGES"] == "recording"
        entry = camera.wait_for("previous-run-crashed", mark)
        assert "systemd killed it, since a stage had been standing still" in entry["MESSAGE"]
        camera.wait_for_status(
            lambda status: status["state"] == "recording" and status["counts"]["recorded"] > 45
        )
        assert camera.property("NRestarts") != "0"
