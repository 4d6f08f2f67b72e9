"""``anoncam --version``: version, commit and model, without anything heavy."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

import anoncam as package
from anoncam.cli.version import UNKNOWN, commit
from anoncam.detectors import model_file
from tests.support.running import anoncam

pytestmark = pytest.mark.integration


def test_version_commit_and_model_are_told() -> None:
    lines = anoncam("--version").stdout.splitlines()
    assert lines[0] == f"anoncam {package.__version__}"
    assert lines[1].startswith("commit ")
    model = model_file.find("auto")
    assert lines[2] == f"model {model.name}, sha256 {model.sha256}"


def test_nothing_heavy_is_loaded_for_it() -> None:
    script = "from anoncam.cli import version; version._model(); import sys; print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert not {"numpy", "av", "pydantic", "yaml"} & set(done.stdout.split())


def test_the_commit_of_a_package_is_the_one_that_was_built(tmp_path: Path) -> None:
    (tmp_path / "commit.txt").write_text("0123456789ab\n")
    assert commit(tmp_path) == "0123456789ab"


def test_the_commit_of_a_checkout_is_the_one_that_is_checked_out(tmp_path: Path) -> None:
    folder = tmp_path / "daemon" / "anoncam"
    folder.mkdir(parents=True)
    assert commit(folder) == UNKNOWN
    git = ["git", "-C", str(tmp_path), "-c", "user.name=a", "-c", "user.email=a@localhost"]
    subprocess.run([*git, "init", "--quiet"], check=True)
    subprocess.run([*git, "commit", "--quiet", "--allow-empty", "-m", "first"], check=True)
    assert re.fullmatch("[0-9a-f]{12}", commit(folder))
