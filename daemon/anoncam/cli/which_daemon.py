"""Which daemon a command asks, where there are several on a machine."""

import functools
import os
from collections.abc import Callable, Mapping
from pathlib import Path

import click

from anoncam.config import folders
from anoncam.config.folders import Folders
from anoncam.errors import NotRunningError
from anoncam.service.instances import instance_in, instance_of

state_folder_option = click.option(
    "--state-folder",
    type=click.Path(path_type=Path),
    help="Ask the daemon with this state folder (StateDirectory= of its unit).",
)


def which_daemon(command: Callable[..., None]) -> Callable[..., None]:
    """Add --config and --state-folder; the command gets `places`, the folders to look in."""

    @click.option(
        "--config",
        "config_file",
        type=click.Path(path_type=Path),
        help="Ask the daemon that runs with this configuration file.",
    )
    @state_folder_option
    @functools.wraps(command)
    def wrapped(
        *arguments: object, config_file: Path | None, state_folder: Path | None, **options: object
    ) -> None:
        places = places_to_ask(config_file, state_folder, os.environ)
        command(*arguments, places=places, **options)

    return wrapped


def places_to_ask(
    config_file: Path | None, state_folder: Path | None, environment: Mapping[str, str]
) -> list[Folders]:
    """The folders in which to look for the daemon, in order; without options those of a default.

    Raises:
        NotRunningError: no daemon is known by that configuration or folder.
    """
    if config_file is not None and state_folder is not None:
        raise click.UsageError("--config and --state-folder both name a daemon: give one of them")
    if state_folder is not None:
        if not state_folder.exists():
            raise NotRunningError(f"there is no {state_folder}", "name a daemon's state folder")
        return [instance_in(state_folder)]
    if config_file is not None:
        instance = instance_of(config_file, environment)
        if instance is None:
            raise NotRunningError(
                f"no daemon is known that has run with {config_file}",
                "use sudo, or name its folder by --state-folder",
            )
        return [instance]
    return folders.to_inspect(environment)
