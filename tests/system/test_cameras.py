"""Several cameras on one machine: a service for each, with folders of its own."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.system.camera import CONFIG, Camera

pytestmark = pytest.mark.timeout(600)

STATE = "/var/lib/anoncam@door"


@pytest.fixture
def door(camera: Camera) -> Iterator[Camera]:
    """The camera with a second one, which is named door and has just been started."""
    camera.container.path("/etc/anoncam/door.yaml").write_text(CONFIG)
    camera.run("systemctl", "start", "anoncam@door")
    yield camera
    camera.run("systemctl", "stop", "anoncam@door")


def status(camera: Camera) -> dict[str, Any]:
    printed = camera.try_to("anoncam", "status", "--camera", "door", "--json").stdout
    report: dict[str, Any] = json.loads(printed)
    return report


def test_a_second_camera_records_beside_the_first_and_without_it(door: Camera) -> None:
    door.wait(lambda: status(door)["verdict"] == "recording", "the second camera")
    assert status(door)["pid"] != door.status()["pid"]
    assert status(door)["config"]["file"] == "/etc/anoncam/door.yaml"
    assert door.container.path(f"{STATE}/recordings").is_dir()

    # systemd removes the runtime folder of the service that it stops.
    door.run("systemctl", "stop", "anoncam")
    door.run("anoncam", "snapshot", "--camera", "door", "-o", "/tmp/door.jpg")
    assert "started" in door.run("anoncam", "events", "--camera", "door")
    door.restart()


def test_the_service_of_a_camera_is_as_confined_as_that_of_the_only_one(door: Camera) -> None:
    door.run("systemd-analyze", "security", "--threshold=15", "--no-pager", "anoncam@door.service")
    verified = door.try_to("systemd-analyze", "verify", "anoncam@door.service")
    assert "anoncam@door.service" not in verified.stderr
