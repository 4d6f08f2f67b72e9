"""The package is a function of the commit: built twice, it is the same."""

import hashlib
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.checkout import ROOT
from tests.system.packages import Build

pytestmark = pytest.mark.timeout(600)


def test_a_package_that_is_built_again_elsewhere_is_the_same_byte_for_byte(
    package: Build, tmp_path: Path
) -> None:
    first = hashlib.sha256(package("trixie", "amd64").read_bytes()).hexdigest()
    command = [str(ROOT / "systemd/debian/build"), "trixie", "amd64", sys.executable]
    other = {"TZ": "Asia/Tokyo", "LANG": "C", "TMPDIR": str(tmp_path), "HOME": str(tmp_path)}
    subprocess.run(
        ["sh", "-c", 'umask 077 && exec "$@"', "sh", *command],
        check=True,
        cwd=tmp_path,
        env={**os.environ, **other},
        stdout=subprocess.DEVNULL,
    )
    assert hashlib.sha256(package("trixie", "amd64").read_bytes()).hexdigest() == first
