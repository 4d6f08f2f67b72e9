"""Two cameras of a machine that share one detector, as systemd runs it."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.system.camera import CONFIG, Camera

pytestmark = pytest.mark.timeout(600)

SOCKET = "/run/anoncam-detector/socket"
SHARED = f"{CONFIG}detector: {{service: {SOCKET}}}\n"


@pytest.fixture(scope="module")
def shared(installed: Camera) -> Iterator[Camera]:
    """The camera and a second one named door, both with the detector of the service."""
    camera = installed
    camera.configure(SHARED)
    camera.container.path("/etc/anoncam/door.yaml").write_text(SHARED)
    camera.run("systemctl", "enable", "--now", "anoncam-detector.socket")
    camera.restart()
    camera.run("systemctl", "start", "anoncam@door")
    camera.wait(lambda: inferred(camera) > 5, "results for the second camera")
    yield camera
    camera.run("systemctl", "stop", "anoncam@door")
    camera.run("systemctl", "disable", "--now", "anoncam-detector.socket")
    camera.run("systemctl", "stop", "anoncam-detector.service")


def inferred(camera: Camera) -> int:
    """How many frames of the second camera have a result."""
    printed = camera.try_to("anoncam", "status", "--camera", "door", "--json").stdout
    status: dict[str, Any] = json.loads(printed) if printed.startswith("{") else {}
    return int(status.get("counts", {}).get("inferred", 0))


def models(camera: Camera) -> list[str]:
    """The units in which a process runs a model."""
    numbers = camera.run("pgrep", "--full", "detectors.process.worker").split()
    return [camera.run("ps", "-o", "unit=", "-p", number).strip() for number in numbers]


def test_one_model_serves_both_cameras_and_a_camera_that_dies_costs_the_other_nothing(
    shared: Camera,
) -> None:
    assert models(shared) == ["anoncam-detector.service"]
    mark = shared.now()
    shared.run("systemctl", "kill", "--signal=KILL", "anoncam@door")
    before = shared.status()["counts"]["inferred"]
    shared.wait_for_status(lambda status: status["counts"]["inferred"] > before + 20)
    assert not shared.of("detector-dead", mark)


def test_cameras_veil_while_the_service_is_killed_and_heal_by_themselves(shared: Camera) -> None:
    mark = shared.now()
    shared.run("systemctl", "kill", "--signal=KILL", "anoncam-detector.service")
    assert "the detector service" in shared.wait_for("detector-dead", mark)["MESSAGE"]
    shared.wait_for("detector-back", mark)
    before = inferred(shared)
    shared.wait(lambda: inferred(shared) > before, "results for the second camera")


def test_the_service_is_confined_and_for_the_cameras_alone(shared: Camera) -> None:
    shared.run("systemd-analyze", "security", "--threshold=15", "--no-pager",
               "anoncam-detector.service")  # fmt: skip
    assert shared.run("stat", "-c", "%a %U", SOCKET).split() == ["600", "anoncam"]
    main = shared.run("systemctl", "show", "anoncam-detector", "--value", "-p", "MainPID").strip()
    inside = ("nsenter", "--target", main, "--mount", "--")
    assert shared.run(*inside, "ls", "/var/lib").strip() == ""
    assert {"anoncam", "anoncam@door"} <= set(shared.run("ls", "/run").split())
    assert set(shared.run(*inside, "ls", "/run").split()) <= {"systemd", "udev"}
    assert shared.try_to(*inside, "test", "-e", "/dev/video0").returncode != 0
    findings = json.loads(shared.try_to("anoncam", "doctor", "--json").stdout)["findings"]
    (asked,) = [each for each in findings if f"the service at {SOCKET}" in each["what"]]
    assert asked["verdict"] == "ok"
