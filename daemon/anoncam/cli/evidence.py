"""``anoncam evidence``: the key that signs the evidence, and time stamps of it."""

import socket
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import click

from anoncam import __version__
from anoncam.cli.output import show
from anoncam.cli.verify import default_folder
from anoncam.cli.which_daemon import which_daemon
from anoncam.clock import local_text
from anoncam.config.folders import Folders
from anoncam.errors import InputError, StorageError
from anoncam.evidence.chain import Chain
from anoncam.evidence.key_file import KeyFile, read_public
from anoncam.evidence.records import is_signed
from anoncam.evidence.timestamps import request_timestamp

_GROUP = 4

EXAMPLE = """\b
Examples:
  anoncam evidence sheet | lp
  sudo anoncam evidence rotate
  sudo anoncam evidence rotate --revoke "the card was out of the house"
  anoncam evidence timestamp --url https://freetsa.org/tsr stamps.jsonl
"""


@click.group(epilog=EXAMPLE)
def evidence() -> None:
    """The key that signs the evidence, and time stamps of it."""


@evidence.command()
@which_daemon
def key(places: list[Folders]) -> None:
    """Print the fingerprint of the key, as `anoncam verify --key` takes it."""
    show(_fingerprint(places))


@evidence.command()
@which_daemon
def sheet(places: list[Folders]) -> None:
    """Print a page that says which key signs here, to be kept away from the camera."""
    fingerprint = _fingerprint(places)
    groups = [fingerprint[at : at + _GROUP] for at in range(0, len(fingerprint), _GROUP)]
    rows = [" ".join(groups[at : at + 8]) for at in range(0, len(groups), 8)]
    show(
        "The key of a camera",
        "",
        f"camera       {socket.gethostname()}",
        f"recordings   {default_folder(places)}",
        f"printed      {local_text(datetime.now(UTC))}, by anoncam {__version__}",
        "",
        "The evidence of this camera is signed with the Ed25519 key",
        "",
        *(f"    {row}" for row in rows),
        "",
        "Whether recordings and their evidence are of this camera is shown by",
        "",
        f"    anoncam verify --key {fingerprint} FOLDER",
        "",
        "Keep this page where nobody who can reach the camera can exchange it.",
        "",
        "installed by ______________________   seen by ______________________",
        "",
        "place, date  ______________________   date    ______________________",
    )


@evidence.command()
@click.option(
    "--revoke",
    metavar="REASON",
    default="",
    help="Record that the key before is not to be trusted any more, and why.",
)
@which_daemon
def rotate(places: list[Folders], revoke: str) -> None:
    """Make a new key; the old one introduces it in the next record. Needs root.

    A daemon that records goes on. Print the sheet anew afterwards.
    """
    state = _state(places)
    if not state.is_dir():
        raise InputError(f"there is no {state}", "name the daemon's by --state-folder")
    show(KeyFile(state).rotate(revoke))


@evidence.command()
@click.option("--url", required=True, help="The address of a service after RFC 3161.")
@click.option(
    "--folder", type=click.Path(path_type=Path), help="The recordings, if not the daemon's."
)
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@which_daemon
def timestamp(places: list[Folders], file: Path, url: str, folder: Path | None) -> None:
    """Append a time stamp of the newest record to FILE, for `anoncam verify --anchor FILE`.

    It covers all records before it. The service learns a hash and nothing else. Call it from a
    timer, as another user than the daemon's, or on another computer that has the recordings.
    """
    if not url.startswith(("http://", "https://")):
        raise click.BadParameter(f"{url} is no address of the web", param_hint="--url")
    folder = folder or default_folder(places)
    try:
        head = Chain(folder).head()
    except OSError as error:
        reason = f"the evidence in {folder} cannot be read: {error.strerror}"
        raise InputError(reason, "use sudo, or join the group anoncam") from error
    if head is None or not (is_signed(head) or "key" not in head):
        raise InputError(f"there is no whole evidence in {folder}", "name another by --folder")
    stamp = request_timestamp(head, url)
    try:
        with file.open("ab") as output:
            output.write(stamp)
    except OSError as error:
        raise StorageError(f"{file} cannot be written: {error.strerror}", "name another") from error
    show(f"record {head['record']} is stamped, with hash {head['hash']}")


def _state(places: Sequence[Folders]) -> Path:
    """The state folder of the first daemon that is there."""
    return next((place.state for place in places if place.state.is_dir()), places[0].state)


def _fingerprint(places: Sequence[Folders]) -> str:
    state = _state(places)
    try:
        return read_public(state)
    except OSError as error:
        raise InputError(
            f"the fingerprint in {state} cannot be read: {error.strerror or error}",
            "start the daemon once; use sudo, or join the group anoncam",
        ) from error
