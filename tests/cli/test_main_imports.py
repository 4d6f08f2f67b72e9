"""What a command imports before it begins: names, since times depend on the machine."""

import json
import subprocess
import sys

import pytest

HEAVY = ("numpy", "av", "pydantic", "yaml", "tqdm", "ai_edge_litert", "tflite_runtime")

LIGHT_COMMANDS = (("--version",), ("anonymize", "--help"), ("coverage", "--help"))

AFTER = f"; print(json.dumps([name for name in {HEAVY} if name in sys.modules]), file=sys.stderr)"


def imported_by(program: str) -> list[str]:
    """Which heavy modules a fresh interpreter has after `program`."""
    ended = subprocess.run(
        [sys.executable, "-c", f"import json, sys; {program}{AFTER}"],
        capture_output=True,
        text=True,
        check=True,
    )
    found: list[str] = json.loads(ended.stderr.splitlines()[-1])
    return found


@pytest.mark.parametrize("arguments", LIGHT_COMMANDS, ids=" ".join)
def test_what_only_prints_imports_nothing_heavy(arguments: tuple[str, ...]) -> None:
    call = f"commands({list(arguments)}, standalone_mode=False)"
    assert imported_by(f"from anoncam.cli.main import commands; {call}") == []


def test_the_detector_is_started_before_anything_heavy_is_imported() -> None:
    assert imported_by("import anoncam.cli.anonymize") == []


def test_the_detectors_process_imports_neither_codecs_nor_the_schema_of_settings() -> None:
    assert imported_by("import anoncam.detectors.process.worker") == ["numpy"]


def test_yaml_is_imported_only_for_settings_that_are_given() -> None:
    load = "import pathlib; from anoncam.config.load import load; load"
    assert imported_by(f"{load}(None, {{}})") == ["pydantic"]
    assert imported_by(f"{load}(None, {{'ANONCAM__DETECTOR__RATE': '5'}})") == ["pydantic", "yaml"]


def test_anonymize_imports_the_schema_of_coverage_files_only_for_one() -> None:
    program = "import anoncam.cli.batch, anoncam.review.reviewing"
    found = imported_by(f"{program}; assert 'anoncam.review.document' not in sys.modules")
    assert set(found) <= {"numpy", "av", "pydantic", "tqdm"}


def test_what_confined_processes_run_imports_no_schema_of_settings() -> None:
    program = "from anoncam.processes.confined_process import PRELOADED; import importlib"
    found = imported_by(f"{program}; [importlib.import_module(name) for name in PRELOADED]")
    assert found == ["numpy", "av"]


def test_no_package_is_asked_whether_it_extends_pydantic() -> None:
    program = "import contextlib; from anoncam.cli.main import main; sys.argv[1:] = ['--version']"
    called = f"{program}\nwith contextlib.suppress(SystemExit): main()"
    unlisted = "from importlib import metadata; metadata.distributions = None"
    settings = "from anoncam.config.schema import Config; Config()"
    assert "pydantic" in imported_by(f"{called}\n{unlisted}\n{settings}\npass")
