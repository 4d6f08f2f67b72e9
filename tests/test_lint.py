import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.checkout import ROOT


@pytest.mark.parametrize(
    "command",
    [["ruff", "check", "--quiet"], ["ruff", "format", "--check", "--quiet"], ["mypy"]],
    ids=["linter", "format", "types"],
)
def test_nothing_is_found_by_the(command: list[str]) -> None:
    result = subprocess.run(
        [sys.executable, "-m", *command], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert result.returncode == 0, f"{result.stdout}{result.stderr}"


def test_a_problem_is_found_by_the_linter(tmp_path: Path) -> None:
    bad = tmp_path / "bad.py"
    bad.write_text("import os\n")
    command = [
        sys.executable,
        "-m",
        "ruff",
        "check",
        "--config",
        str(ROOT / "pyproject.toml"),
        str(bad),
    ]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    assert "F401" in result.stdout


def test_a_problem_is_found_by_the_type_checker(tmp_path: Path) -> None:
    bad = tmp_path / "bad.py"
    bad.write_text("def double(number):\n    return 2 * number\n")
    command = [
        sys.executable,
        "-m",
        "mypy",
        "--config-file",
        str(ROOT / "pyproject.toml"),
        str(bad),
    ]
    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert "no-untyped-def" in result.stdout
