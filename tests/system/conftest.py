"""What the tests in containers share: a package of each suite, and a camera on which it is
installed."""

import functools
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.watching import labels, luma
from tests.system import roots
from tests.system.camera import CONFIG, Camera
from tests.system.comparing import Box, Plane
from tests.system.containers import Container
from tests.system.packages import Build, build
from tools.demo.footage import make_footage

SUITES = ("bookworm", "trixie")

_PROGRAMS = {
    "mmdebstrap": "mmdebstrap",
    "systemd-nspawn": "systemd-container",
    "nsenter": "util-linux",
    "dpkg-deb": "dpkg",
    "qemu-aarch64-static": "qemu-user-static",
    "update-binfmts": "binfmt-support",
}


def pytest_sessionstart() -> None:
    """Say what is missing, rather than pass with nothing tried."""
    missing = [package for program, package in _PROGRAMS.items() if shutil.which(program) is None]
    if os.geteuid() != 0:
        pytest.exit("the tests in containers need root: sudo make test-system", returncode=1)
    if missing:
        pytest.exit(f"the tests in containers need apt install {' '.join(missing)}", returncode=1)


@pytest.fixture(scope="session")
def package() -> Build:
    """Builds the package of a suite and an architecture, each once."""
    return functools.cache(build)


@pytest.fixture(scope="session")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Twenty seconds of a face at 15 frames per second, at whose end it can begin again without a
    jump."""
    path = tmp_path_factory.mktemp("film") / "face.mp4"
    make_footage(path, width=640, height=360, fps=15, seconds=20)
    return path


@pytest.fixture(scope="session")
def clear(film: Path) -> list[Plane]:
    """The luma planes of the film."""
    return luma(film)


@pytest.fixture(scope="session")
def faces(film: Path) -> list[list[Box]]:
    """The labelled faces in each frame of the film."""
    return labels(film)


@pytest.fixture(scope="session", params=SUITES)
def suite(request: pytest.FixtureRequest) -> str:
    """Every release of Debian that is supported."""
    return str(request.param)


@pytest.fixture(scope="session")
def installed(
    suite: str, package: Build, film: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Camera]:
    """A camera with the package installed, not started yet; one for all tests of a suite."""
    built = package(suite, "amd64")
    with Container(roots.bootable(suite), tmp_path_factory.mktemp("log") / "console") as container:
        camera = Camera(container)
        camera.install(built)
        camera.give(film, "/srv/footage/face.mp4")
        yield camera


@pytest.fixture
def camera(installed: Camera) -> Camera:
    """The same, recording."""
    if installed.container.path("/etc/anoncam/config.yaml").read_text() != CONFIG:
        installed.configure(CONFIG)
        installed.run("systemctl", "stop", "anoncam")
    if (
        installed.property("ActiveState") != "active"
        or installed.status().get("state") != "recording"
    ):
        installed.restart()
    return installed
