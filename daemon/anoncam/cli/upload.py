"""``anoncam upload``: copy what waits to another machine, as anoncam-upload.timer does."""

import os
from collections.abc import Sequence

import click

from anoncam.cli.output import show
from anoncam.cli.which_daemon import which_daemon
from anoncam.config import folders, outlets
from anoncam.config.folders import Folders
from anoncam.config.outlets import Outlets
from anoncam.errors import NotRunningError
from anoncam.events import log_lines
from anoncam.service import control_socket
from anoncam.upload.uploader import Uploader

EXAMPLE = """\b
Examples:
  sudo systemctl start anoncam-upload               # now, as the timer does
  anoncam upload --config /etc/anoncam/door.yaml    # of anoncam@door.service
"""


@click.command(epilog=EXAMPLE)
@which_daemon
def upload(places: list[Folders]) -> None:
    """Copy the segments that wait, and their evidence, to the remote that upload.to names.

    The oldest goes first. Each copy is compared by its hash before it gets its name. Ends with 5 if
    the remote fails; the next run goes on there.
    """
    log_lines.set_up(os.environ)
    place, settings = _published(places)
    count = Uploader(settings, folders.upload_folder(place.state)).run()
    show(f"{count} segments uploaded")


def _published(places: Sequence[Folders]) -> tuple[Folders, Outlets]:
    """The first daemon that has published its settings.

    Raises:
        NotRunningError: there is none, or this user may not read them.
    """
    for place in places:
        try:
            settings = outlets.read(place.state)
        except PermissionError as error:
            raise control_socket.no_access(error, place.state) from error
        if settings is not None:
            return place, settings
    raise NotRunningError("no daemon has run here yet", "systemctl start anoncam")
