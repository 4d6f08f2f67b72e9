"""Manual pages and completion: all commands, readable by man, and the same each time."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from anoncam.cli.main import _COMMANDS
from tools.manual.pages import completion, pages

PAGES = pages("2026-01-02")


def test_every_command_has_a_page_and_those_of_a_group_have_one_each() -> None:
    assert {f"anoncam-{name}.1" for name in _COMMANDS} < set(PAGES)
    assert {"anoncam.1", "anoncam-model-use.1", "anoncam-coverage-to-cvat.1"} < set(PAGES)


@pytest.mark.parametrize("name", PAGES)
def test_each_page_has_its_parts(name: str) -> None:
    text = PAGES[name]
    for part in ("NAME", "SYNOPSIS", "DESCRIPTION", "OPTIONS"):
        assert f".SH {part}\n" in text
    assert text.startswith(f'.TH "{name.removesuffix(".1").upper()}" "1" "2026-01-02"')
    assert "\x08" not in text


def test_examples_keep_their_lines() -> None:
    text = PAGES["anoncam-model.1"]
    examples = text.partition(".SH EXAMPLES\n.nf\n")[2].partition(".fi")[0].splitlines()
    assert examples[0].strip() == r"anoncam model list"
    assert len(examples) == 4


@pytest.mark.skipif(shutil.which("mandoc") is None, reason="mandoc is not installed")
def test_man_finds_no_error_in_any_page(tmp_path: Path) -> None:
    for name, text in PAGES.items():
        (tmp_path / name).write_text(text)
    files = sorted(map(str, tmp_path.iterdir()))
    command = ["mandoc", "-T", "lint", "-W", "error", *files]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "")


@pytest.mark.integration
def test_bash_completes_commands_and_those_of_a_group(tmp_path: Path) -> None:
    program = tmp_path / "anoncam"
    program.write_text(f"#!{sys.executable}\nfrom anoncam.cli.main import main\n\nmain()\n")
    program.chmod(0o755)
    environment = {**os.environ, "PATH": f"{tmp_path}:{os.environ['PATH']}"}
    script = (
        'eval "$1"; COMP_WORDS=(anoncam model ""); COMP_CWORD=2;'
        ' _anoncam_completion anoncam; printf "%s\\n" "${COMPREPLY[@]}"'
    )
    done = subprocess.run(
        ["bash", "-c", script, "bash", completion()],
        capture_output=True,
        text=True,
        check=True,
        env=environment,
    )
    assert set(done.stdout.split()) == {"list", "fetch", "use", "check"}
