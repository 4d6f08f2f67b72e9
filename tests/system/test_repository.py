"""The apt repository: installed from, upgraded from 0.1 to the present version, and purged."""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

import anoncam
from tests.support.checkout import ROOT
from tests.system import roots
from tests.system.camera import CONFIG, CONFIG_FILE, Camera
from tests.system.containers import Container
from tests.system.packages import Build, first_version

pytestmark = [
    pytest.mark.timeout(600),
    pytest.mark.skipif(shutil.which("reprepro") is None, reason="reprepro is not installed"),
]

FOLDER = "/srv/apt"
KEEP_CONFIG = ("-o", "Dpkg::Options::=--force-confold", "-o", "Dpkg::Use-Pty=0")


class Repository:
    """A repository in `folder`, signed by a key that is made for it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "apt"
        self._environment = {**os.environ, "GNUPGHOME": str(folder / "gnupg")}
        (folder / "gnupg").mkdir(mode=0o700)
        self._gpg("--quick-generate-key", "anoncam tests", "ed25519", "sign", "never")
        listed = self._gpg("--with-colons", "--list-keys")
        self.key = re.findall(r"^fpr:+([0-9A-F]{40}):", listed, re.MULTILINE)[0]

    def add(self, package: Path) -> None:
        """Add a package by the command of the release."""
        command = [str(ROOT / "release/repository"), self.key, str(self.folder), str(package)]
        subprocess.run(command, check=True, env=self._environment, capture_output=True)

    def give_to(self, camera: Camera) -> None:
        """Put it into the container in the place of what was there."""
        target = camera.container.path(FOLDER)
        shutil.rmtree(target, ignore_errors=True)
        shutil.copytree(self.folder, target, ignore=shutil.ignore_patterns(".reprepro"))

    def close(self) -> None:
        """End gpg's agent, which outlives gpg."""
        subprocess.run(["gpgconf", "--kill", "all"], check=False, env=self._environment)

    def _gpg(self, *arguments: str) -> str:
        command = ["gpg", "--batch", "--quiet", "--passphrase", "", *arguments]
        done = subprocess.run(
            command, check=True, env=self._environment, capture_output=True, text=True
        )
        return done.stdout


@pytest.fixture
def repository(tmp_path: Path) -> Iterator[Repository]:
    made = Repository(tmp_path)
    yield made
    made.close()


@pytest.fixture
def machine(suite: str, film: Path, tmp_path: Path) -> Iterator[Camera]:
    """A machine whose only source of packages is the repository."""
    with Container(roots.bootable(suite), tmp_path / "console") as container:
        camera = Camera(container)
        camera.give(film, "/srv/footage/face.mp4")
        container.run("sh", "-c", "rm -f /etc/apt/sources.list /etc/apt/sources.list.d/*")
        container.path("/etc/apt/sources.list.d/anoncam.sources").write_text(
            f"Types: deb\nURIs: file:{FOLDER}\nSuites: {suite}\nComponents: main\n"
            f"Signed-By: {FOLDER}/anoncam.asc\n"
        )
        yield camera


def version(camera: Camera) -> str:
    return camera.run("dpkg-query", "--show", "--showformat=${Version}", "anoncam")


def test_an_upgrade_from_0_1_keeps_configuration_and_recordings_and_a_purge_the_recordings(
    machine: Camera, repository: Repository, suite: str, package: Build, tmp_path: Path
) -> None:
    files, built = machine.container.path, package(suite, "amd64")
    repository.add(first_version(built, tmp_path))
    repository.give_to(machine)
    machine.run("apt-get", "update")
    machine.run("apt-get", "install", "--yes", "--no-install-recommends", "anoncam")
    assert version(machine).startswith("0.1.0+deb")
    machine.configure(CONFIG)
    drop_in = files("/etc/anoncam/config.d/model.yaml")
    machine.run("anoncam", "model", "use", "anoncam-face-320x320")
    machine.run("systemctl", "enable", "--now", "anoncam")
    (segment,) = machine.more_segments(1)
    number = machine.property("MainPID")

    repository.add(built)
    repository.give_to(machine)
    machine.run("apt-get", "update")
    machine.run("apt-get", "upgrade", "--yes", *KEEP_CONFIG)
    assert version(machine).startswith(f"{anoncam.__version__}+deb")
    assert machine.run("anoncam", "--version").startswith(f"anoncam {anoncam.__version__}\ncommit ")
    assert files(CONFIG_FILE).read_text() == CONFIG
    assert drop_in.exists()
    status = machine.wait_for_status(
        lambda status: status["state"] == "recording" and str(status["pid"]) != number
    )
    assert status["version"] == anoncam.__version__
    assert status["detector"]["model"] == "anoncam-face-320x320"
    assert segment.exists()
    assert files("/usr/share/man/man1/anoncam-model-use.1.gz").exists()
    assert files("/usr/share/bash-completion/completions/anoncam").exists()

    machine.run("apt-get", "purge", "--yes", "anoncam")
    assert not files("/etc/anoncam").exists()
    assert not files("/usr/lib/anoncam").exists()
    assert segment.exists()


def test_a_repository_that_somebody_has_changed_is_refused(
    machine: Camera, repository: Repository, suite: str, package: Build
) -> None:
    repository.add(package(suite, "amd64"))
    release = repository.folder / "dists" / suite / "InRelease"
    release.write_text(release.read_text().replace("Label: anoncam", "Label: another"))
    repository.give_to(machine)
    done = machine.try_to("apt-get", "update")
    assert done.returncode != 0
    assert machine.try_to("apt-get", "install", "--yes", "anoncam").returncode != 0
