"""Instances: several daemons on one machine, each with its own configuration and folders."""

import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path

from anoncam.config import folders
from anoncam.config.folders import Folders

FILE = "instance.json"
"""In the state folder: the configuration file of its daemon, and the runtime folder."""


def register(place: Folders, config_file: Path) -> None:
    """Write which configuration and which runtime folder belong to a state folder.

    Raises:
        OSError: the state folder cannot be written.
    """
    facts = {"config": str(config_file.absolute()), "runtime": str(place.runtime.absolute())}
    if _read(place.state) == facts:
        return
    final = place.state / FILE
    part = final.with_suffix(".part")
    part.write_text(json.dumps(facts) + "\n")
    part.replace(final)


def instance_in(state: Path) -> Folders:
    """The folders of the daemon with this state folder; if it never ran, both are that one."""
    return Folders(state, Path(_read(state).get("runtime", str(state))))


def instance_of(config_file: Path, environment: Mapping[str, str]) -> Folders | None:
    """The folders of the daemon that has run with this configuration file; None if none is found.

    It is found in the state folders of the service and of this user, in a folder in one of them
    (StateDirectory=anoncam/%i) or beside one of them (StateDirectory=anoncam@%i or anoncam-%i).
    """
    wanted = os.path.realpath(config_file)
    for state in _state_folders(environment):
        config = _read(state).get("config")
        if config is not None and os.path.realpath(config) == wanted:
            return instance_in(state)
    return None


def _state_folders(environment: Mapping[str, str]) -> Iterator[Path]:
    for place in folders.to_inspect(environment):
        yield place.state
        for pattern in (f"{place.state.name}/*/{FILE}", f"{place.state.name}[-@]*/{FILE}"):
            yield from (file.parent for file in sorted(place.state.parent.glob(pattern)))


def _read(state: Path) -> dict[str, str]:
    try:
        facts = json.loads((state / FILE).read_bytes())
    except (OSError, ValueError):
        return {}
    return facts if isinstance(facts, dict) else {}
