"""The last good configuration, kept in the state folder: what the daemon runs on after a bad edit
and a reboot.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from pydantic_core import from_json, to_json

from anoncam.config.load import load
from anoncam.config.problems import InvalidConfigError, Problem
from anoncam.config.renamed import rename
from anoncam.config.schema import Config
from anoncam.errors import StorageError

FILE_NAME = "last-good-config.json"


@dataclass(frozen=True)
class Loaded:
    """The configuration to run on; with `problems` it is the last good one, and they say why."""

    config: Config
    problems: tuple[Problem, ...] = ()


def remember(config: Config, state_folder: Path) -> None:
    """Keep `config`, environment included, as the last good one: whole at any instant, readable by
    its owner alone.

    Raises:
        StorageError: the state folder cannot be written.
    """
    content = config.model_dump_json(indent=1).encode()
    final = state_folder / FILE_NAME
    unfinished = state_folder / f"{FILE_NAME}.part"
    try:
        # A start with the configuration of yesterday wears no flash memory.
        if final.exists() and final.read_bytes() == content:
            return
        state_folder.mkdir(parents=True, exist_ok=True)
        unfinished.unlink(missing_ok=True)
        # Created with its mode, not changed to it: it may hold a password.
        descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(final)
        folder = os.open(state_folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
    except OSError as error:
        raise StorageError(
            f"cannot keep the last good configuration in {final}: {error.strerror}",
            "make the folder writable",
        ) from error


def recall(state_folder: Path) -> Config | None:
    """The configuration last remembered; None when there is none that can be used."""
    try:
        content = from_json((state_folder / FILE_NAME).read_bytes())
        return Config.model_validate_json(to_json(rename(content)))
    except (OSError, ValueError, AttributeError):
        return None


def load_or_last_good(
    path: Path | None, environment: Mapping[str, str], state_folder: Path
) -> Loaded:
    """What `load` gives or, where that has problems, the last good configuration and the problems.

    Remembers nothing: what is good shows once it runs.

    Raises:
        InvalidConfigError: with the problems, where there is no last good configuration either.
    """
    try:
        return Loaded(load(path, environment))
    except InvalidConfigError as error:
        last_good = recall(state_folder)
        if last_good is None:
            raise
        return Loaded(last_good, error.problems)
