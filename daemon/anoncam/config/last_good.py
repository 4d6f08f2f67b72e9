"""The last good configuration, kept for a start with a bad one."""

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
from anoncam.files.file_system_calls import sync_file, sync_folder

FILE_NAME = "last-good-config.json"


@dataclass(frozen=True)
class Loaded:
    """The configuration to run on; if there are `problems`, it is the last good one."""

    config: Config
    problems: tuple[Problem, ...] = ()


def remember(config: Config, state_folder: Path) -> None:
    """Keep `config`, variables included, as the last good one.

    The file is whole at any instant, and only its owner can read it.

    Raises:
        StorageError: the state folder cannot be written.
    """
    content = config.model_dump_json(indent=1).encode()
    final = state_folder / FILE_NAME
    unfinished = state_folder / f"{FILE_NAME}.part"
    try:
        # Flash memory wears with each write, so the same content is not written again.
        if final.exists() and final.read_bytes() == content:
            return
        state_folder.mkdir(parents=True, exist_ok=True)
        unfinished.unlink(missing_ok=True)
        # The file may hold a password, so it has its mode from the start.
        descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            sync_file(descriptor, unfinished)
        unfinished.replace(final)
        sync_folder(state_folder)
    except OSError as error:
        raise StorageError(
            f"cannot keep the last good configuration in {final}: {error.strerror}",
            "make the folder writable",
        ) from error


def recall(state_folder: Path) -> Config | None:
    """The configuration last remembered; None if there is none that can be used."""
    try:
        content = from_json((state_folder / FILE_NAME).read_bytes())
        return Config.model_validate_json(to_json(rename(content)))
    except (OSError, ValueError, AttributeError):
        return None


def load_or_last_good(
    path: Path | None, environment: Mapping[str, str], state_folder: Path
) -> Loaded:
    """The configuration in `path`; if that has problems, the last good one and the problems.

    Nothing is remembered here: a configuration proves good when the daemon runs with it.

    Raises:
        InvalidConfigError: it has problems, and there is no last good configuration.
    """
    try:
        return Loaded(load(path, environment))
    except InvalidConfigError as error:
        last_good = recall(state_folder)
        if last_good is None:
            raise
        return Loaded(last_good, error.problems)
