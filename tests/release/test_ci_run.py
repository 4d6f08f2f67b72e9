"""What .ci/run makes of suites that fail once, twice, or before any test has run."""

import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.checkout import ROOT

pytestmark = pytest.mark.integration

ONCE = "import pathlib\nmark = pathlib.Path('mark')\nbefore = mark.exists()\nmark.touch()\n"


def run(folder: Path, **tests: str) -> int:
    """The exit status of the suite `test`, whose files have these texts."""
    shutil.copytree(ROOT / ".ci", folder / ".ci")
    (folder / "tests").mkdir()
    for name, text in tests.items():
        (folder / f"tests/test_{name}.py").write_text(text)
    (folder / "pytest.ini").write_text("[pytest]\n")
    (folder / "Makefile").write_text("test:\n\t@.venv/bin/python -m pytest tests\n")
    python = folder / ".venv/bin/python"
    python.parent.mkdir(parents=True)
    python.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} "$@"\n')
    python.chmod(0o755)
    command = ["bash", str(folder / ".ci/run"), "test"]
    return subprocess.run(command, capture_output=True, check=False).returncode


def test_what_fails_once_has_passed_and_what_fails_twice_has_failed(tmp_path: Path) -> None:
    once = ONCE + "def test_once():\n    assert before\n"
    assert run(tmp_path / "once", once=once) == 0
    assert run(tmp_path / "twice", once=once, twice="def test_it():\n    assert False\n") != 0


def test_a_file_that_cannot_be_read_at_first_has_failed_since_it_kept_the_others_from_running(
    tmp_path: Path,
) -> None:
    broken = ONCE + "assert before\ndef test_it():\n    pass\n"
    assert run(tmp_path / "read", broken=broken, other="def test_it():\n    assert False\n") != 0


def test_a_suite_that_dies_has_failed(tmp_path: Path) -> None:
    assert run(tmp_path / "dead", dies="import os\ndef test_it():\n    os._exit(1)\n") != 0
