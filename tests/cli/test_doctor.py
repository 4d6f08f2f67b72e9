"""`anoncam doctor` on the machine that the tests run on."""

import contextlib
import json
import socket
from pathlib import Path

import pytest

from anoncam.cli import doctor as doctor_module
from anoncam.config.folders import Folders
from anoncam.config.load import load
from anoncam.detectors.model_file import LARGER_MODEL
from anoncam.doctor import hardware_test
from anoncam.doctor.check import Installation, Verdict
from anoncam.errors import StorageError
from anoncam.service.control_socket import NAME, socket_address
from tests.support.running import RunningDaemon, anoncam
from tests.support.sharing import running_service

pytestmark = pytest.mark.integration

CONFIG = (
    "source: {type: synthetic, width: 320, height: 240}\nrecording: {retention: {min_free: 1kB}}\n"
)


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "config.yaml"
    path.write_text(CONFIG)
    return path


def check(config: Path, *arguments: str) -> tuple[int, dict[str, list[dict[str, str]]]]:
    """The exit code, and the findings by the name of their check."""
    ended = anoncam(
        "doctor",
        "--config",
        config,
        "--json",
        *arguments,
        environment={"STATE_DIRECTORY": str(config.parent / "state")},
    )
    report = json.loads(ended.stdout)
    by_check: dict[str, list[dict[str, str]]] = {}
    for finding in report["findings"]:
        by_check.setdefault(finding["check"], []).append(finding)
    problems = sum(finding["verdict"] == "problem" for finding in report["findings"])
    assert report["problems"] == problems
    assert ended.returncode == bool(problems)
    return ended.returncode, by_check


def test_all_is_checked_and_source_detector_and_encoder_are_really_tried(config: Path) -> None:
    _, found = check(config)
    assert set(found) == {
        "config", "daemon", "camera", "coral", "detector", "model", "encoder", "disk", "clock",
        "permissions", "memory", "power", "evidence", "confinement",
    }  # fmt: skip
    assert "delivers 320x240, 30 frames a second" in found["camera"][0]["what"]
    assert "gives a result in" in found["detector"][1]["what"]
    assert found["encoder"][-1]["what"] == "libx264 encodes 320x240"
    for finding in (finding for findings in found.values() for finding in findings):
        assert bool(finding["cause"]) == (finding["verdict"] == "problem")
        assert finding["remedy"] or not finding["cause"]


def test_a_source_and_a_model_that_cannot_be_used_are_problems_with_their_reason(
    config: Path,
) -> None:
    config.write_text("source: {type: file, address: /none.mp4}\ndetector: {model: /none.tflite}\n")
    code, found = check(config)
    assert code == 1
    assert "/none.mp4" in found["camera"][0]["cause"]
    assert "/none.tflite" in found["model"][0]["cause"]


def test_each_mistake_in_the_configuration_is_a_problem_with_its_line(config: Path) -> None:
    config.write_text("detector: {rate: 900}\nrecordings: {}\n")
    _, found = check(config)
    assert [finding["what"].partition(": ")[0] for finding in found["config"]] == [
        f"{config}:1",
        f"{config}:2",
    ]


def test_a_running_daemon_is_asked_and_not_disturbed(tmp_path: Path) -> None:
    daemon = RunningDaemon(tmp_path, CONFIG)
    try:
        daemon.wait_until(
            lambda status: status.get("state") == "recording" and status["counts"]["recorded"] > 10
        )
        _, found = check(daemon.config, "--hardware-test")
        assert found["camera"][0]["what"] == "the daemon records from it: synthetic test picture"
        assert "the daemon's gives a result in" in found["detector"][1]["what"]
        assert found["hardware test"][1]["cause"] == "the daemon has the camera"
        place = {"STATE_DIRECTORY": str(daemon.state)}
        published = anoncam("doctor", "--publish", environment=place)
        assert (published.returncode, published.stdout) == (0, "")
        facts = json.loads((daemon.state / "doctor.json").read_text())
        told = {each["check"]: each["what"] for each in facts["findings"]}
        assert told["config"] == str(daemon.config)
        assert told["camera"] == "the daemon records from it: synthetic test picture"
        assert daemon.stop() == 0
        assert len(daemon.of("source-chosen")) == 1
        (daemon.state / "doctor.json").unlink()
        anoncam("doctor", "--publish", environment=place)
        assert not (daemon.state / "doctor.json").exists()
    finally:
        daemon.kill()


def test_a_folder_that_cannot_be_written_keeps_no_other_camera_from_its_findings(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STATE_DIRECTORY", str(tmp_path / "anoncam"))
    monkeypatch.setattr(doctor_module, "CHECKS", {})
    first, door = tmp_path / "anoncam", tmp_path / "anoncam@door"
    with contextlib.ExitStack() as sockets:
        for each in (first, door):
            each.mkdir()
            (each / "feed").touch()
            (each / "status.json").write_text(json.dumps({"at": "2026-07-14T09:15:00Z"}))
            listener = sockets.enter_context(socket.socket(socket.AF_UNIX, socket.SOCK_STREAM))
            with socket_address(each / NAME) as address:
                listener.bind(address)
            listener.listen()
        (first / "doctor.json.part").mkdir()
        with pytest.raises(StorageError, match=str(first)):
            doctor_module._publish_all()
    assert (door / "doctor.json").exists()


def test_the_detector_service_is_asked_and_is_a_problem_where_there_is_none(
    config: Path, tmp_path: Path
) -> None:
    path = tmp_path / "socket"
    config.write_text(f"{CONFIG}\ndetector: {{model: anoncam-face-320x320, service: {path}}}\n")
    with running_service(path, "model: anoncam-face-320x320, device: cpu"):
        _, found = check(config)
        assert "runs anoncam-face-320x320 on cpu" in found["detector"][1]["what"]
        assert "gives a result in" in found["detector"][2]["what"]
    _, found = check(config)
    assert found["detector"][1]["verdict"] == "problem"
    assert "anoncam-detector.socket" in found["detector"][1]["cause"]


def test_the_detector_that_is_tried_is_the_one_that_the_daemon_would_take(config: Path) -> None:
    config.write_text(f"{CONFIG}detector: {{rate: 0.1}}\n")
    _, found = check(config)
    assert f"{LARGER_MODEL} gives a result in" in found["detector"][1]["what"]
    assert found["detector"][1]["what"].endswith("ms are allowed")


def test_the_hardware_test_records_plays_and_leaves_nothing_behind(
    tmp_path: Path, config: Path
) -> None:
    state = tmp_path / "state"
    state.mkdir()
    model = {"ANONCAM__DETECTOR__MODEL": "anoncam-face-640x384"}
    installation = Installation(load(config, model), Folders(state, state))
    shown: list[str] = []
    findings = list(hardware_test.try_hardware(installation, shown.append, seconds=3))
    text = "\n".join(finding.what for finding in findings)
    assert "source synthetic test picture, 320x240 yuv420p" in text
    assert "frames play (h264, 1 segments" in text
    assert "detector anoncam-face-640x384 on cpu" in text
    assert any("left" in line for line in shown)
    assert (
        next(finding for finding in findings if "frames play" in finding.what).verdict is Verdict.OK
    )
    assert list(state.iterdir()) == []


def test_the_report_names_version_and_findings_and_leaves_out_the_password(tmp_path: Path) -> None:
    config = tmp_path / "config.yaml"
    config.write_text("source: {type: rtsp, address: 'rtsp://admin:hunter2@127.0.0.1:9/live'}\n")
    done = anoncam("doctor", "--report", "--config", config, "--state-folder", tmp_path)
    assert done.stdout.startswith("# anoncam doctor --report\nanoncam ")
    assert "## Findings" in done.stdout
    assert "hunter2" not in done.stdout + done.stderr
    assert "127.0.0.1" not in done.stdout
