"""``anoncam rtsp``: the live picture for players and recorders, by anoncam-rtsp.service."""

import os
from pathlib import Path

import click

from anoncam.cli.credentials import password, password_file_option
from anoncam.cli.which_daemon import which_daemon
from anoncam.config.folders import Folders
from anoncam.errors import ConfigError
from anoncam.events import log_lines

EXAMPLE = """\b
Examples:
  anoncam rtsp                                  # what the service runs
  anoncam rtsp --password-file rtsp-password
  vlc rtsp://camera@garden:8554/live            # on another computer
"""


@click.command(epilog=EXAMPLE)
@password_file_option
@which_daemon
def rtsp(places: list[Folders], password_file: Path | None) -> None:
    """Serve what the daemon records at rtsp://…/live, faces covered, until SIGTERM or Ctrl-C.

    The section rtsp of the configuration has the port, or the server to which the picture is pushed
    instead. Changes to it take effect when the daemon is reloaded.
    """
    from anoncam.rtsp.outlet import Outlet  # noqa: PLC0415 - for the help, no GStreamer is needed

    log_lines.set_up(os.environ)
    runtime = next((each.runtime for each in places if each.runtime.is_dir()), places[0].runtime)
    word = password("rtsp-password", password_file)
    if not word:
        raise ConfigError("there is no password", "give one by --password-file")
    Outlet(runtime, word).run()
