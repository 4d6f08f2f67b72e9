"""The output of ``anoncam model list``."""

import os
from dataclasses import asdict
from pathlib import Path

from anoncam.catalogue.catalogue import Entry, entries
from anoncam.catalogue.fetched import missing_files
from anoncam.cli.output import show, show_json
from anoncam.config.load import load
from anoncam.config.problems import InvalidConfigError
from anoncam.detectors.model_file import DEFAULT_MODEL


def show_catalogue(config_file: Path, *, as_json: bool) -> None:
    """Print every model of the catalogue, with its state on this machine."""
    used = _in_use(config_file)
    rows = [{**asdict(entry), "state": _state(entry, used)} for entry in entries()]
    if as_json:
        show_json(rows)
        return
    for row in rows:
        show(f"{row['name']}: {row['state']}")
        show(f"    {row['about']}")
        show(f"    input {row['input']}, for the {row['runs_on']}, licence {row['licence']}")
        show(f"    {row['measured']}")
        for file in row["files"]:
            show(f"    from {file['address']} (git blob {file['blob']})")
        if row["weakness"]:
            show(f"    beware: {row['weakness']}")
    if used and used not in {entry.name for entry in entries()}:
        show(f"in use is another one: {used}")


def _in_use(config_file: Path) -> str:
    """The model that the configuration names; empty if that cannot be read."""
    try:
        named = load(config_file if config_file.exists() else None, os.environ).detector.model
    except InvalidConfigError:
        return ""
    return DEFAULT_MODEL if named == "auto" else named


def _state(entry: Entry, used: str) -> str:
    if not entry.files:
        state = "comes with anoncam"
    else:
        missing = missing_files(entry, os.environ)
        state = "fetched" if not missing else "not fetched"
    return f"{state}, in use" if entry.name == used else state
