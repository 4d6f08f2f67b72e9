"""``anoncam mqtt``: tell Home Assistant what the daemon does, as anoncam-mqtt.service does."""

import os
import signal
from pathlib import Path

import click

from anoncam.cli.credentials import password, password_file_option
from anoncam.cli.output import show
from anoncam.cli.which_daemon import which_daemon
from anoncam.clock import Stop, SystemClock
from anoncam.config.folders import Folders
from anoncam.events import log_lines
from anoncam.mqtt.bridges import Bridges

EXAMPLE = """\b
Examples:
  anoncam mqtt                                        # what the service runs
  anoncam mqtt --remove --password-file mqtt-password # Home Assistant forgets the camera
"""


@click.command(epilog=EXAMPLE)
@password_file_option
@click.option("--remove", is_flag=True, help="Have the broker forget the camera, and end.")
@which_daemon
def mqtt(places: list[Folders], password_file: Path | None, remove: bool) -> None:
    """Tell an MQTT broker what the daemon does, until SIGTERM or Ctrl-C.

    Home Assistant discovers the camera by itself. The section mqtt of the configuration names the
    broker; each of several cameras whose configuration names one is told of. Changes to it take
    effect when the daemon is reloaded.
    """
    log_lines.set_up(os.environ)
    stop = Stop()
    runtime = next((each.runtime for each in places if each.runtime.is_dir()), places[0].runtime)
    bridges = Bridges(runtime, password("mqtt-password", password_file), SystemClock(), stop)
    if remove:
        bridges.remove()
        show("the broker has forgotten the camera")
        return
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: bridges.close())
    bridges.run()
