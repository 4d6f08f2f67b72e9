"""Which daemon a command asks, where there are several on a machine."""

import functools
import os
from collections.abc import Callable, Mapping
from pathlib import Path

import click

from anoncam.config import folders
from anoncam.config.folders import Folders
from anoncam.errors import ConfigError, NotRunningError
from anoncam.service.instances import instance_in, instance_of


def _check_camera(
    _context: click.Context, _parameter: click.Parameter, name: str | None
) -> str | None:
    if name is not None and not folders.CAMERA_NAME.fullmatch(name):
        raise click.BadParameter(
            f"{name!r} is no name of a camera: letters, digits and . _ - : only"
        )
    return name


camera_option = click.option(
    "--camera",
    metavar="NAME",
    callback=_check_camera,
    help="One of several cameras: that of anoncam@NAME.service and /etc/anoncam/NAME.yaml.",
)

state_folder_option = click.option(
    "--state-folder",
    type=click.Path(path_type=Path),
    help="Ask the daemon with this state folder (StateDirectory= of its unit).",
)


def which_daemon(command: Callable[..., None]) -> Callable[..., None]:
    """Add --camera, --config and --state-folder; the command gets `places`, where to look."""

    @camera_option
    @click.option(
        "--config",
        "config_file",
        type=click.Path(path_type=Path),
        help="Ask the daemon that runs with this configuration file.",
    )
    @state_folder_option
    @functools.wraps(command)
    def wrapped(
        *arguments: object,
        camera: str | None,
        config_file: Path | None,
        state_folder: Path | None,
        **options: object,
    ) -> None:
        places = places_to_ask(camera, config_file, state_folder, os.environ)
        command(*arguments, places=places, **options)

    return wrapped


def config_of(camera: str | None, config_file: Path) -> Path:
    """The configuration file that the options name.

    Raises:
        ConfigError: there is no such camera.
    """
    if camera is None:
        return config_file
    if config_file != folders.CONFIG_FILE:
        raise click.UsageError(f"--camera and {config_file} both name a camera: give one of them")
    file = folders.config_of_camera(camera)
    if not file.exists():
        raise ConfigError(f"there is no camera {camera}: {file} is missing", _known_cameras())
    return file


def places_to_ask(
    camera: str | None,
    config_file: Path | None,
    state_folder: Path | None,
    environment: Mapping[str, str],
) -> list[Folders]:
    """The folders in which to look for the daemon, in order; without options those of a default.

    Raises:
        ConfigError: there is no such camera.
        NotRunningError: no daemon is known by that configuration or folder.
    """
    named = {"--camera": camera, "--config": config_file, "--state-folder": state_folder}
    given = [option for option, value in named.items() if value is not None]
    if len(given) > 1:
        raise click.UsageError(f"{' and '.join(given)} both name a daemon: give one of them")
    if camera is not None:
        config_of(camera, folders.CONFIG_FILE)
        return [folders.folders_of_camera(camera)]
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


def _known_cameras() -> str:
    names = sorted(
        file.stem
        for file in folders.CONFIG_FILE.parent.glob("*.yaml")
        if file != folders.CONFIG_FILE
    )
    return f"there are {', '.join(names)}" if names else "make it, as docs/operations.md says"
