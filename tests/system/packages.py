"""The Debian packages, as `make deb` builds them."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from tests.support.checkout import ROOT

Build = Callable[[str, str], Path]
"""Gives the package of a suite and an architecture."""


def build(suite: str, architecture: str) -> Path:
    """Build the package of a suite and an architecture."""
    command = [str(ROOT / "systemd/debian/build"), suite, architecture, sys.executable]
    built = subprocess.run(command, check=True, capture_output=True, text=True, cwd=ROOT)
    return ROOT / built.stdout.split()[-1]


def next_version(package: Path, folder: Path) -> Path:
    """The same package with a higher version, packed into `folder`."""
    content = folder / "content"
    subprocess.run(["dpkg-deb", "--raw-extract", package, content], check=True)
    control = content / "DEBIAN/control"
    control.write_text(control.read_text().replace("\nVersion: ", "\nVersion: 1000.", 1))
    target = folder / "next.deb"
    subprocess.run(
        ["dpkg-deb", "--root-owner-group", "-Znone", "--build", content, target],
        check=True,
        stdout=subprocess.DEVNULL,
    )
    return target
