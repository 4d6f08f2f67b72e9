"""``anoncam detector``: the detector that several cameras share."""

import os
from pathlib import Path

import click

from anoncam.clock import Stop
from anoncam.config import folders
from anoncam.config.load import load
from anoncam.errors import ConfigError
from anoncam.events import log_lines
from anoncam.frames import locked_memory
from anoncam.sharing.clients import Clients
from anoncam.sharing.listening import listening_socket
from anoncam.sharing.service import serve

EXAMPLE = """\b
Examples:
  sudo systemctl enable --now anoncam-detector.socket   # what the service runs
  anoncam detector --config config.yaml --socket /tmp/detector
"""

_UNUSABLE = ConfigError(
    "the configuration of the detector service cannot be used",
    "journalctl -u anoncam-detector has its problems",
)
"""What cameras are told: the problems themselves may quote what is not for their status."""


@click.command(epilog=EXAMPLE)
@click.option(
    "--config",
    "config_file",
    type=click.Path(path_type=Path),
    default=folders.CONFIG_FILE,
    show_default=True,
    help="The configuration file, of which the section detector counts.",
)
@click.option(
    "--socket",
    "socket_path",
    type=click.Path(path_type=Path),
    help="Where to listen, if systemd passes no socket.",
)
def detector(config_file: Path, socket_path: Path | None) -> None:
    """Run one detector for several cameras, by turns, until SIGTERM or Ctrl-C.

    Cameras use it whose configuration names its socket in detector.service. A Coral can be opened
    once, and so serves them all.
    """
    log_lines.set_up(os.environ)
    locked_memory.seal()
    clients = Clients(listening_socket(os.environ, socket_path))
    try:
        settings = load(config_file, os.environ).detector
    except ConfigError:
        clients.refuse(_UNUSABLE)
        raise
    serve(clients, settings, os.environ, Stop())
