"""The role for Ansible: installs devices one by one, changes nothing twice, stops at a bad one."""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.support.checkout import ROOT
from tests.system import roots
from tests.system.camera import Camera
from tests.system.conftest import SUITES
from tests.system.containers import Container
from tests.system.packages import Build, next_version

pytestmark = pytest.mark.timeout(900)

CONFIG: dict[str, Any] = {
    "source": {"type": "file", "address": "/srv/footage/face.mp4", "loop": True},
    "recording": {"segment_length": 4, "retention": {"min_free": "10MB"}},
}
BROKEN: dict[str, Any] = {**CONFIG, "source": {"type": "v4l2", "address": "/dev/video-none"}}


@dataclass(frozen=True)
class Fleet:
    """Two devices, of both suites, and the packages for them."""

    devices: dict[str, Camera]
    packages: Path
    folder: Path

    def play(self, *options: str, **variables: object) -> subprocess.CompletedProcess[str]:
        """Run the playbook for both devices."""
        hosts = {
            name: {"nsenter_leader": device.container.leader}
            for name, device in self.devices.items()
        }
        settings = {
            "ansible_connection": "nsenter",
            "ansible_become": False,
            "anoncam_packages": str(self.packages),
            "anoncam_config": CONFIG,
            "anoncam_attempts": 10,
            **variables,
        }
        inventory = self.folder / "devices.yml"
        inventory.write_text(yaml.safe_dump({"anoncam": {"hosts": hosts, "vars": settings}}))
        playbook = Path(sys.executable).with_name("ansible-playbook")
        return subprocess.run(
            [playbook, "--inventory", inventory, *options, ROOT / "deploy/ansible/site.yml"],
            check=False,
            capture_output=True,
            text=True,
            stdin=subprocess.DEVNULL,
            env={
                "PATH": "/usr/sbin:/usr/bin:/sbin:/bin",
                "HOME": str(self.folder),
                "LC_ALL": "C.UTF-8",
                "ANSIBLE_CONNECTION_PLUGINS": str(Path(__file__).parent / "ansible"),
                "ANSIBLE_STDOUT_CALLBACK": "ansible.builtin.default",
                "ANSIBLE_NOCOLOR": "1",
            },
        )


@pytest.fixture(scope="module")
def fleet(package: Build, film: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Fleet]:
    folder, packages = tmp_path_factory.mktemp("fleet"), tmp_path_factory.mktemp("packages")
    devices = {}
    with ExitStack() as stack:
        for suite in SUITES:
            built = package(suite, "amd64")
            (packages / built.name).write_bytes(built.read_bytes())
            container = Container(roots.bootable(suite), folder / f"{suite}.log")
            devices[suite] = Camera(stack.enter_context(container))
            devices[suite].give(film, "/srv/footage/face.mp4")
        yield Fleet(devices, packages, folder)


def succeeded(played: subprocess.CompletedProcess[str]) -> str:
    assert played.returncode == 0, played.stdout + played.stderr
    return played.stdout


def changed(output: str) -> list[str]:
    """The numbers of changed tasks, of each device."""
    recap = output.partition("PLAY RECAP")[2].splitlines()
    return [line.partition("changed=")[2].split()[0] for line in recap if "changed=" in line]


def recorded(device: Camera, *options: str) -> dict[str, Any]:
    status: dict[str, Any] = json.loads(
        device.try_to("anoncam", "status", *options, "--json").stdout
    )
    return status


def test_devices_are_installed_and_record_and_nothing_is_changed_twice(fleet: Fleet) -> None:
    succeeded(fleet.play("--check"))
    assert not any(
        device.container.does("test", "-e", "/usr/bin/anoncam") for device in fleet.devices.values()
    )
    assert "0" not in changed(succeeded(fleet.play()))
    for device in fleet.devices.values():
        assert recorded(device)["verdict"] == "recording"
        assert device.property("UnitFileState") == "enabled"
        rights = device.run("stat", "-c", "%a %U %G", "/etc/anoncam/config.yaml")
        assert rights.split() == ["640", "root", "anoncam"]
    assert changed(succeeded(fleet.play("--check", "--diff"))) == ["0", "0"]
    assert changed(succeeded(fleet.play())) == ["0", "0"]


def test_a_bad_configuration_reaches_no_device_and_shows_no_password(fleet: Fleet) -> None:
    succeeded(fleet.play())
    bad = {
        **CONFIG,
        "source": {"type": "rtsp", "address": "rtsp://user:geheim@10.0.0.7/x", "fps": -1},
    }
    played = fleet.play("--diff", "-vvv", anoncam_config=bad)
    assert played.returncode != 0
    assert "geheim" not in played.stdout + played.stderr
    assert all(recorded(device)["verdict"] == "recording" for device in fleet.devices.values())
    assert len(changed(played.stdout)) == 1


def test_an_upgrade_stops_at_the_first_device_that_does_not_record_again(
    fleet: Fleet, tmp_path: Path
) -> None:
    succeeded(fleet.play())
    first, second = fleet.devices.values()
    name = next(path.name for path in fleet.packages.glob("*+deb12_*"))
    newer = next_version(fleet.packages / name, tmp_path)
    upgraded = fleet.packages / name.replace("anoncam_", "anoncam_1000.")
    upgraded.write_bytes(newer.read_bytes())
    try:
        played = fleet.play(anoncam_config=BROKEN, anoncam_attempts=2)
    finally:
        upgraded.unlink()
    assert played.returncode != 0
    assert recorded(first)["verdict"] == "running, but not recording"
    assert recorded(second)["verdict"] == "recording"
    assert second.container.path("/etc/anoncam/config.yaml").read_text().count("face.mp4") == 1
    # The old package and configuration heal it.
    succeeded(fleet.play())
    assert recorded(first)["verdict"] == "recording"


def test_a_device_with_several_cameras_has_a_service_for_each(fleet: Fleet) -> None:
    cameras = {"door": CONFIG, "yard": CONFIG}
    succeeded(fleet.play("--limit", SUITES[0], anoncam_cameras=cameras))
    device = fleet.devices[SUITES[0]]
    for name in cameras:
        assert recorded(device, "--camera", name)["verdict"] == "recording"
    assert device.property("ActiveState") == "inactive"
    again = fleet.play("--limit", SUITES[0], "--check", anoncam_cameras=cameras)
    assert changed(succeeded(again)) == ["0"]
