"""``anoncam snapshot``: an anonymized picture of what the camera sees now."""

import sys
from pathlib import Path

import click

from anoncam.cli.output import show_error
from anoncam.cli.which_daemon import which_daemon
from anoncam.config.folders import Folders
from anoncam.errors import NotRunningError, StorageError
from anoncam.recording.whole_file import WholeFile
from anoncam.service import control_socket

EXAMPLE = """\b
Examples:
  anoncam snapshot -o now.jpg
  ssh pi@garden anoncam snapshot -o - >garden.jpg
  anoncam snapshot -o now.jpg --camera door    # of anoncam@door.service
"""


@click.command(epilog=EXAMPLE)
@click.option(
    "-o",
    "--output",
    required=True,
    type=click.Path(path_type=Path, allow_dash=True),
    help="The JPEG to write; - for standard output.",
)
@click.option("--force", is_flag=True, help="Overwrite the file if it exists.")
@which_daemon
def snapshot(places: list[Folders], output: Path, force: bool) -> None:
    """Write a picture of what the camera sees now, with faces covered, to aim the camera by.

    While frames are veiled, so is the picture, and the reason is printed. Ends with 3 if there is
    no daemon or no camera.
    """
    if str(output) == "-":
        jpeg, veil = control_socket.take_snapshot(_running(places))
        sys.stdout.buffer.write(jpeg)
    else:
        if output.suffix.lower() not in (".jpg", ".jpeg"):
            raise StorageError(f"{output} is not the name of a JPEG", "end it in .jpg")
        target = WholeFile(output, force=force)
        jpeg, veil = control_socket.take_snapshot(_running(places))
        try:
            target.write(jpeg)
            target.commit()
        finally:
            target.abort()
    if veil:
        show_error(f"the picture is veiled: {veil}")


def _running(places: list[Folders]) -> Path:
    """The runtime folder of the running daemon.

    Raises:
        NotRunningError: no daemon runs, or this user may not connect to it.
    """
    refused: tuple[Path, OSError] | None = None
    for candidate in places:
        try:
            if control_socket.is_alive(candidate.runtime):
                return candidate.runtime
        except PermissionError as error:
            refused = refused or (candidate.runtime, error)
    if refused is not None:
        raise control_socket.no_access(refused[1], refused[0])
    raise NotRunningError("no daemon is running", "systemctl start anoncam")
