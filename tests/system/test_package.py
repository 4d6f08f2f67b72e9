"""The package: installed, upgraded, removed and purged."""

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.system import roots
from tests.system.camera import CONFIG, RECORDINGS, Camera
from tests.system.containers import Container
from tests.system.packages import Build, next_version

pytestmark = pytest.mark.timeout(600)


@pytest.fixture
def fresh(suite: str, film: Path, tmp_path: Path) -> Iterator[Camera]:
    """A machine on which nothing is installed yet."""
    with Container(roots.bootable(suite), tmp_path / "console") as container:
        camera = Camera(container)
        camera.give(film, "/srv/footage/face.mp4")
        yield camera


def test_it_is_installed_upgraded_removed_and_purged_without_touching_what_is_the_users(
    fresh: Camera, suite: str, package: Build, tmp_path: Path
) -> None:
    files = fresh.container.path
    fresh.install(package(suite, "amd64"))
    assert (fresh.property("ActiveState"), fresh.property("UnitFileState")) == (
        "inactive",
        "disabled",
    )
    assert {"anoncam", "anoncam-net", "video"} == set(fresh.run("id", "-nG", "anoncam").split())
    assert fresh.run("stat", "-c", "%a %U %G", "/etc/anoncam/config.yaml").split() == [
        "640",
        "root",
        "anoncam",
    ]
    assert "/etc/anoncam/config.yaml" in fresh.run(
        "dpkg-query", "--show", "--showformat=${Conffiles}", "anoncam"
    )
    rule = files("/usr/lib/udev/rules.d/70-anoncam-coral.rules").read_text()
    assert all(number in rule for number in ("1a6e", "089a", "18d1", "9302"))
    # Nothing of it is seen by the system's own Python.
    assert fresh.try_to("python3", "-c", "import anoncam").returncode != 0

    fresh.configure(CONFIG)
    fresh.run("systemctl", "enable", "--now", "anoncam")
    (segment,) = fresh.more_segments(1)
    assert fresh.run("stat", "-c", "%a %U", "/var/lib/anoncam").split() == ["750", "anoncam"]

    number = fresh.property("MainPID")
    fresh.install(next_version(package(suite, "amd64"), tmp_path))
    assert fresh.run("dpkg-query", "--show", "--showformat=${Version}", "anoncam").startswith(
        "1000."
    )
    assert files("/etc/anoncam/config.yaml").read_text() == CONFIG
    assert segment.exists()
    fresh.wait_for_status(
        lambda status: status["state"] == "recording" and str(status["pid"]) != number
    )

    fresh.run("apt-get", "remove", "--yes", "anoncam")
    assert fresh.property("ActiveState") == "inactive"
    assert not files("/usr/bin/anoncam").exists()
    assert not files("/usr/lib/anoncam").exists()
    assert files("/etc/anoncam/config.yaml").read_text() == CONFIG
    assert segment.exists()

    files("/var/lib/anoncam@door/recordings").mkdir(parents=True)
    files("/var/lib/anoncam@door/last-good-config.json").touch()
    printed = fresh.run("apt-get", "purge", "--yes", "anoncam")
    assert f"the recordings are kept, in {RECORDINGS}" in printed
    assert not files("/etc/anoncam").exists()
    assert [path.name for path in files("/var/lib/anoncam").iterdir()] == ["recordings"]
    assert not files("/var/lib/anoncam@door").exists()
    assert segment.exists()
    assert fresh.property("LoadState") == "not-found"


def test_the_maintainer_script_can_run_again_and_changes_nothing(camera: Camera) -> None:
    def facts() -> str:
        places = ("/etc/anoncam/config.yaml", "/var/lib/anoncam", "/etc/passwd", "/etc/group")
        return camera.run("stat", "-c", "%n %a %U %G", *places)

    # An owner's choice of permissions stays.
    camera.container.path("/etc/anoncam/config.yaml").chmod(0o644)
    before = facts()
    version = camera.run("dpkg-query", "--show", "--showformat=${Version}", "anoncam")
    for _ in range(2):
        camera.run("/var/lib/dpkg/info/anoncam.postinst", "configure", version)
    assert facts() == before
    camera.container.path("/etc/anoncam/config.yaml").chmod(0o640)


@pytest.mark.skipif(shutil.which("lintian") is None, reason="needs apt install lintian")
def test_lintian_finds_nothing_wrong_with_the_maintainer_scripts(
    suite: str, package: Build
) -> None:
    built = package(suite, "amd64")
    command = ["lintian", "--tag-display-limit", "0", "--allow-root", str(built)]
    printed = subprocess.run(command, check=False, capture_output=True, text=True)
    scripts = ("[postinst", "[prerm", "[postrm", "maintainer-script")
    found = [line for line in printed.stdout.splitlines() if any(map(line.__contains__, scripts))]
    assert "anoncam" in printed.stdout
    assert found == []
