"""Installation from a checkout, for those without the package."""

import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.checkout import ROOT
from tests.system import roots
from tests.system.camera import CONFIG, Camera
from tests.system.containers import Container

pytestmark = pytest.mark.timeout(600)

_PYTHON = {"bookworm": "3.11", "trixie": "3.13"}


@pytest.fixture
def checkout(suite: str, film: Path, tmp_path: Path) -> Iterator[Camera]:
    """A machine with a checkout, and with the wheels that pip would fetch: it has no network."""
    with Container(roots.bootable(suite), tmp_path / "console") as container:
        camera = Camera(container)
        camera.give(film, "/srv/footage/face.mp4")
        copy = container.path("/srv/checkout")
        for folder in ("daemon", "models", "systemd", "docs", "release"):
            shutil.copytree(
                ROOT / folder,
                copy / folder,
                ignore=shutil.ignore_patterns("__pycache__", "*.egg-info"),
            )
        for name in (
            "setup.py",
            "pyproject.toml",
            "README.md",
            "LICENSE",
            "CHANGELOG.md",
            "config.yaml",
            "install.sh",
        ):
            shutil.copy(ROOT / name, copy / name)
        _fetch_wheels(suite, tmp_path / "wheels")
        shutil.copytree(tmp_path / "wheels", container.path("/srv/wheels"))
        yield camera


def _fetch_wheels(suite: str, folder: Path) -> None:
    platforms = [f"--platform=manylinux_2_{number}_x86_64" for number in (17, 27, 28)]
    fetch = [
        *(sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--require-hashes"),
        *("--only-binary=:all:", f"--python-version={_PYTHON[suite]}"),
    ]
    for file in (f"systemd/debian/wheels-{suite}.txt", "release/requirements-build.txt"):
        command = [*fetch, *platforms, "--dest", str(folder), "--requirement", str(ROOT / file)]
        subprocess.run(command, check=True)


def test_a_wheel_with_another_hash_is_not_installed(checkout: Camera) -> None:
    offline = {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": "/srv/wheels"}
    wheel = next(checkout.container.path("/srv/wheels").glob("av-*.whl"))
    wheel.write_bytes(wheel.read_bytes() + b"\0")
    refused = checkout.try_to("/srv/checkout/install.sh", environment=offline)
    assert refused.returncode != 0
    assert "HASHES" in refused.stderr
    assert not checkout.container.path("/usr/local/bin/anoncam").is_symlink()


def test_a_checkout_is_installed_as_a_service_and_taken_away_again(checkout: Camera) -> None:
    files, offline = checkout.container.path, {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": "/srv/wheels"}
    before = checkout.run("pip", "list") if checkout.try_to("which", "pip").returncode == 0 else ""
    # Whatever the umask of the administrator, the service can run what is installed.
    command = "umask 077 && exec /srv/checkout/install.sh"
    printed = checkout.run("sh", "-c", command, environment=offline)
    assert printed.endswith("to start it: systemctl enable --now anoncam\n")
    assert (checkout.property("ActiveState"), checkout.property("UnitFileState")) == (
        "inactive",
        "disabled",
    )
    assert "include-system-site-packages = true" in files("/opt/anoncam/pyvenv.cfg").read_text()
    assert checkout.run("stat", "-c", "%a %U %G", "/etc/anoncam/config.yaml").split() == [
        "640",
        "root",
        "anoncam",
    ]
    if before:
        assert checkout.run("pip", "list") == before

    checkout.configure(CONFIG)
    checkout.run("systemctl", "enable", "--now", "anoncam")
    (segment,) = checkout.more_segments(1)
    assert "the detector is ready" in checkout.run(
        "journalctl", "-x", "-u", "anoncam", "ANONCAM_EVENT=detector-up"
    )
    checkout.run("systemd-analyze", "security", "--threshold=15", "--no-pager", "anoncam.service")

    # Once more is an upgrade: the edit stays, and what runs is the new one.
    number = checkout.property("MainPID")
    checkout.run("/srv/checkout/install.sh", environment=offline)
    assert files("/etc/anoncam/config.yaml").read_text() == CONFIG
    checkout.wait_for_status(
        lambda status: status["state"] == "recording" and str(status["pid"]) != number
    )

    assert "are kept" in checkout.run("/srv/checkout/install.sh", "--uninstall")
    assert checkout.property("LoadState") == "not-found"
    assert not files("/opt/anoncam").exists()
    assert not files("/usr/local/bin/anoncam").is_symlink()
    assert segment.exists()
    assert files("/etc/anoncam/config.yaml").exists()
