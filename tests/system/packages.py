"""The Debian packages, as `make deb` builds them."""

import re
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
    return _repacked(package, folder, r"\nVersion: ", "\nVersion: 1000.")


def first_version(package: Path, folder: Path) -> Path:
    """The same package as version 0.1.0, whose configuration had another comment."""
    made = _repacked(package, folder, r"\nVersion: [^+]+", "\nVersion: 0.1.0", "# Version 0.1.\n")
    return made.rename(made.with_name(re.sub("_[^+]+", "_0.1.0", package.name, count=1)))


def _repacked(package: Path, folder: Path, version: str, new: str, comment: str = "") -> Path:
    content = folder / "content"
    subprocess.run(["dpkg-deb", "--raw-extract", package, content], check=True)
    control = content / "DEBIAN/control"
    control.write_text(re.sub(version, new, control.read_text(), count=1))
    with (content / "etc/anoncam/config.yaml").open("a") as config:
        config.write(comment)
    target = folder / "next.deb"
    subprocess.run(
        ["dpkg-deb", "--root-owner-group", "-Znone", "--build", content, target],
        check=True,
        stdout=subprocess.DEVNULL,
    )
    return target
