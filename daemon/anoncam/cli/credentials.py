"""Passwords of outlets: in a file of their own, never in the configuration or on a command line."""

import os
from pathlib import Path

import click

from anoncam.errors import ConfigError

password_file_option = click.option(
    "--password-file",
    type=click.Path(path_type=Path),
    help="The file with the password [default: the credential of the service].",
)


def password(name: str, given: Path | None) -> str | None:
    """The first line of the file `given`, or else of the credential `name` (systemd.exec(5)).

    Returns:
        None if there is neither.

    Raises:
        ConfigError: the file cannot be read.
    """
    folder = os.environ.get("CREDENTIALS_DIRECTORY")
    file = given or (Path(folder) / name if folder else None)
    if file is None:
        return None
    try:
        return file.read_text().partition("\n")[0]
    except (OSError, ValueError) as error:
        raise ConfigError(
            f"{file} cannot be read: {error}", "write the password into it"
        ) from error
