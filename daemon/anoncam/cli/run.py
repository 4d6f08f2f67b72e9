"""``anoncam run``: the daemon."""

import faulthandler
import os
from pathlib import Path

import click

from anoncam.cli.which_daemon import camera_option, config_of
from anoncam.config import folders
from anoncam.events import log_lines
from anoncam.service.daemon import Daemon

EXAMPLE = """\b
Examples:
  anoncam run --config config.yaml
  ANONCAM__SOURCE__TYPE=synthetic anoncam run --config config.yaml
"""


@click.command(epilog=EXAMPLE)
@camera_option
@click.option(
    "--config",
    "config_file",
    type=click.Path(path_type=Path),
    default=folders.CONFIG_FILE,
    show_default=True,
    help="The configuration file.",
)
def run(camera: str | None, config_file: Path) -> None:
    """Record anonymized video until SIGTERM or Ctrl-C; SIGHUP reloads the configuration."""
    log_lines.set_up(os.environ)
    # After a crash in a library, it shows which call of ours led there; it shows no data.
    faulthandler.enable()
    raise SystemExit(Daemon(config_of(camera, config_file), os.environ).run())
