"""The recipes of containers: found clean by hadolint, without root, and from pinned packages."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.checkout import ROOT

FILES = [ROOT / "release/image/Containerfile", ROOT / "tools/edgetpu/Containerfile"]
IMAGE = FILES[0].read_text()


def hadolint() -> str | None:
    beside = Path(sys.executable).with_name("hadolint")
    return str(beside) if beside.exists() else shutil.which("hadolint")


@pytest.mark.skipif(hadolint() is None, reason="hadolint is not installed")
@pytest.mark.parametrize("file", FILES, ids=lambda file: file.parent.name)
def test_nothing_is_found_by_hadolint(file: Path) -> None:
    command = [str(hadolint()), "--no-color", str(file)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "")


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.parent.name)
def test_it_does_not_run_as_root(file: Path) -> None:
    users = re.findall(r"^USER (.+)$", file.read_text(), re.MULTILINE)
    assert users
    assert not users[-1].startswith(("0", "root"))


def test_whatever_pip_installs_into_the_image_has_a_hash_or_is_ours() -> None:
    installs = re.findall(
        r"pip install (.*?)(?= &&|\n\n|\nFROM|\nRUN|\Z)", IMAGE.replace("\\\n", "")
    )
    assert len(installs) == 2
    assert "--require-hashes" in installs[0]
    assert "--no-index" in installs[1]


def test_its_health_is_that_of_status() -> None:
    assert re.search(r"^HEALTHCHECK .*\\\n +CMD .*anoncam status", IMAGE, re.MULTILINE)


def test_only_what_the_image_needs_is_sent_to_its_build() -> None:
    ignored = FILES[0].with_name("Containerfile.dockerignore").read_text().splitlines()
    assert ignored[0] == "*"
    copied = set(re.findall(r"^COPY (?!--from)(.+) \S+$", IMAGE, re.MULTILINE))
    assert {f"!{name}" for names in copied for name in names.split()} == set(ignored[1:])
