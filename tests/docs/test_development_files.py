"""The files for editors, hooks, containers and hosted runs: they agree with the Makefile."""

import configparser
import json
import re

import yaml

from tests.support.checkout import ROOT


def recipe(target: str) -> list[str]:
    """The commands of a target of the Makefile, with the default environment filled in."""
    body = re.search(rf"^{target}:.*\n((?:\t.*\n)+)", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert body is not None
    return [line.strip().lstrip("@").replace("$(VENV)", ".venv") for line in body[1].splitlines()]


def test_the_hooks_are_the_commands_of_make_check() -> None:
    (repository,) = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text())["repos"]
    assert repository["repo"] == "local"
    assert [hook["entry"] for hook in repository["hooks"]] == recipe("check")
    assert {hook["language"] for hook in repository["hooks"]} == {"system"}
    assert not any(hook["pass_filenames"] for hook in repository["hooks"])


def test_the_development_container_is_set_up_by_make_venv() -> None:
    container = json.loads((ROOT / ".devcontainer/devcontainer.json").read_text())
    assert "python" in container["image"]
    assert container["postCreateCommand"] == "make venv"


def test_editors_keep_to_the_line_length_of_the_linter() -> None:
    editors = configparser.ConfigParser()
    editors.read_string("[top]\n" + (ROOT / ".editorconfig").read_text())
    linter = re.search(r"^line-length = (\d+)$", (ROOT / "pyproject.toml").read_text(), re.M)
    assert linter is not None
    assert editors["*"]["max_line_length"] == linter[1]
