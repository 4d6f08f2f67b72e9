"""The wheel: whole, with its models, and the same each time it is built."""

import hashlib
import os
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.support.checkout import ROOT

pytestmark = [pytest.mark.integration, pytest.mark.timeout(600)]

PINNED = [
    *sorted((ROOT / "systemd/debian").glob("wheels-*.txt")),
    *sorted((ROOT / "release").glob("requirements-*.txt")),
]


def build(folder: Path, umask: str, zone: str) -> Path:
    command = [str(ROOT / "release/wheel"), sys.executable, str(folder)]
    subprocess.run(
        ["sh", "-c", f'umask {umask} && exec "$@"', "sh", *command],
        check=True,
        cwd=folder.parent,
        env={**os.environ, "TZ": zone, "ANONCAM_COMMIT": "0123456789ab"},
    )
    (wheel,) = folder.glob("anoncam-*.whl")
    return wheel


def test_a_wheel_holds_models_and_commit_and_is_the_same_when_it_is_built_again(
    tmp_path: Path,
) -> None:
    first = build(tmp_path / "first", "022", "UTC")
    names = zipfile.ZipFile(first).namelist()
    assert "anoncam/models/anoncam-face-320x320.tflite" in names
    assert "anoncam/catalogue/catalogue.json" in names
    assert zipfile.ZipFile(first).read("anoncam/commit.txt") == b"0123456789ab\n"
    assert not any("__pycache__" in name for name in names)
    second = build(tmp_path / "second", "077", "Asia/Tokyo")
    digests = {hashlib.sha256(each.read_bytes()).hexdigest() for each in (first, second)}
    assert len(digests) == 1


@pytest.mark.parametrize("file", PINNED, ids=lambda file: file.name)
def test_every_pinned_package_has_a_version_and_hashes(file: Path) -> None:
    text = "\n".join(line for line in file.read_text().splitlines() if not line.startswith("#"))
    entries = re.split(r"\n(?=[a-zA-Z])", text)
    for entry in entries:
        assert re.match(r"[A-Za-z0-9._-]+==[0-9a-z.]+( ; .*)? \\\n", entry), entry
        assert re.search(r"--hash=sha256:[0-9a-f]{64}$", entry), entry
