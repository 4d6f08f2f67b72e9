import os
import re
import shutil
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


def test_rooms_import_downwards_only() -> None:
    assert "5 kept, 0 broken" in contracts(ROOT)


@pytest.mark.parametrize(
    ("module", "line", "broken"),
    [
        ("daemon/anoncam/frames/pool.py", "from anoncam.cli import main", "way of a frame"),
        ("daemon/anoncam/config/schema.py", "from tools.demo import scene", "workstation's tools"),
        ("daemon/anoncam/tracking/track.py", "import av", "libav stays"),
        ("daemon/anoncam/web/live.py", "import numpy", "listens on a network"),
        ("tools/common/quiet.py", "from tools.bench import figures", "rooms of the tools"),
    ],
)
def test_an_import_against_the_direction_is_found(
    tmp_path: Path, module: str, line: str, broken: str
) -> None:
    for folder in ("daemon", "tools"):
        shutil.copytree(ROOT / folder, tmp_path / folder, ignore=shutil.ignore_patterns("*.pyc"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    path = tmp_path / module
    path.write_text(f"{line}\n{path.read_text()}")
    found = contracts(tmp_path)
    assert "0 broken" not in found
    assert re.search(rf"{broken}.* BROKEN", found)


def contracts(root: Path) -> str:
    """What import-linter finds in the checkout at `root`."""
    path = os.pathsep.join((str(root / "daemon"), str(root)))
    result = subprocess.run(
        [sys.executable, "-c", "import importlinter.cli; importlinter.cli.lint_imports_command()"],
        cwd=root,
        env={**os.environ, "PYTHONPATH": path},
        capture_output=True,
        text=True,
        check=False,
    )
    return result.stdout + result.stderr
