"""``anoncam web``: the page in a browser, its passwords and its certificate."""

import logging
import os
import sys
from pathlib import Path

import click

from anoncam.cli.output import show
from anoncam.config import folders
from anoncam.feed.cameras import find_cameras

EXAMPLE = """\b
Examples:
  sudo anoncam web password                # for you: watches, and changes zones
  sudo anoncam web password --role viewer  # for guests: watches
  sudo anoncam web certificate --name garden.local
  anoncam web run --port 8443              # what anoncam-web.service does
"""

SERVICE_FOLDER = Path("/etc/anoncam-web")


@click.group(epilog=EXAMPLE)
def web() -> None:
    """The page in a browser: live picture, recordings, health and zones."""


def _own_folder() -> Path:
    """The folder of passwords and certificate: systemd's, root's, else the user's own."""
    given = os.environ.get("CONFIGURATION_DIRECTORY")
    if given:
        return Path(given.split(":")[0])
    if os.geteuid() == 0:
        return SERVICE_FOLDER
    home = os.environ.get("XDG_CONFIG_HOME") or Path(os.environ.get("HOME", "/")) / ".config"
    return Path(home) / "anoncam-web"


_folder_option = click.option(
    "--folder",
    type=click.Path(path_type=Path),
    default=_own_folder,
    help="Where passwords and certificate are kept.",
)


@web.command()
@_folder_option
@click.option(
    "--runtime-folder",
    type=click.Path(path_type=Path),
    help="The folder with the daemon's feed; those beside it, FOLDER@NAME, are further cameras.",
)
@click.option("--port", type=click.IntRange(1, 65535), default=8443, show_default=True)
def run(folder: Path, runtime_folder: Path | None, port: int) -> None:
    """Serve the page until Ctrl-C: for this machine alone, until there is a password and TLS."""
    from anoncam.web.server import serve  # noqa: PLC0415 - aiohttp takes a second to import

    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(message)s", stream=sys.stderr)
    serve(runtime_folder or feed_folder(), folder, port)


@web.command()
@_folder_option
@click.option(
    "--role",
    type=click.Choice(["admin", "viewer"]),
    default="admin",
    show_default=True,
    help="Whether who logs in may change zones, or only watch.",
)
def password(folder: Path, role: str) -> None:
    """Set a password; it is asked for twice, or read from a pipe."""
    from anoncam.web.passwords import Role, write  # noqa: PLC0415

    if sys.stdin.isatty():
        given = click.prompt("Password", hide_input=True, confirmation_prompt=True)
    else:
        given = sys.stdin.readline().rstrip("\n")
    write(folder, Role(role), given)
    show(f"the password of the {role} is set; who is logged in stays so until a restart:")
    show("systemctl try-restart anoncam-web")


@web.command()
@_folder_option
@click.option("--name", "names", multiple=True, help="A name or address of the page; repeatable.")
def certificate(folder: Path, names: tuple[str, ...]) -> None:
    """Make a certificate of one's own, for TLS without another program in front."""
    from anoncam.web.certificate import make_certificate, own_names  # noqa: PLC0415

    names = names or own_names()
    fingerprint = make_certificate(folder, names)
    show(f"the certificate for {', '.join(names)} is made; its SHA-256 fingerprint is", fingerprint)
    show("compare it in the browser's warning, then: systemctl restart anoncam-web")


def feed_folder() -> Path:
    """The runtime folder of a running daemon, or beside it; else where it would be."""
    places = [each.runtime for each in folders.to_inspect(os.environ)]
    return next((each for each in places if find_cameras(each)), places[0])
