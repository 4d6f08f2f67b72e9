"""What a command loads before it begins: all of it delays the first frame."""

import subprocess
import sys

import pytest

from anoncam.cli.main import commands


def loaded_by(statement: str) -> set[str]:
    script = f"{statement}\nimport sys\nprint(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    return set(done.stdout.split())


def test_the_detector_is_started_before_anything_large_is_loaded() -> None:
    assert not {"numpy", "av", "pydantic", "yaml"} & loaded_by("import anoncam.cli.anonymize")


def test_a_command_loads_none_of_the_others() -> None:
    loaded = loaded_by(
        "from anoncam.cli.main import commands; commands.get_command(None, 'anonymize')"
    )
    commands = {name for name in loaded if name.startswith("anoncam.cli.")}
    shared = {"anoncam.cli.main", "anoncam.cli.output", "anoncam.cli.place_type"}
    assert commands - shared == {"anoncam.cli.anonymize"}


@pytest.mark.parametrize("name", ["anonymize", "check-config", "run", "status"])
def test_each_command_has_the_name_by_which_it_is_called(name: str) -> None:
    assert name in commands.list_commands(None)  # type: ignore[arg-type]
    command = commands.get_command(None, name)  # type: ignore[arg-type]
    assert command is not None
    assert command.name == name
    assert commands.get_command(None, "record") is None  # type: ignore[arg-type]
