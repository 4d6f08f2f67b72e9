"""``anoncam service``: what the service may reach, as a drop-in of its unit."""

import ipaddress
import subprocess
from pathlib import Path

import click

from anoncam.cli.output import show
from anoncam.cli.which_daemon import camera_option
from anoncam.errors import StorageError

UNITS = Path("/etc/systemd/system")
DROP_IN = "anoncam-net.conf"

_MANAGER = Path("/run/systemd/system")

EXAMPLE = """\b
Examples:
  sudo anoncam service allow 192.168.0.7
  sudo anoncam service allow --camera door 192.168.0.8 fd00::8
"""

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


@click.group(epilog=EXAMPLE)
def service() -> None:
    """What the service may reach."""


def _networks(
    _context: click.Context, _parameter: click.Parameter, values: tuple[str, ...]
) -> list[Network]:
    networks = []
    for value in values:
        try:
            # systemd takes no scope such as %eth0.
            network = ipaddress.ip_network(value.partition("%")[0], strict=False)
        except ValueError as error:
            text = (
                f"{value} is no IP address: the service cannot ask for names, so write the address"
                " of the camera, here and into source.address"
            )
            raise click.BadParameter(text) from error
        if network.prefixlen == 0:
            raise click.BadParameter(f"{value} is the whole internet: name the camera")
        networks.append(network)
    return networks


@service.command()
@camera_option
@click.argument("addresses", metavar="ADDRESS...", nargs=-1, required=True, callback=_networks)
def allow(camera: str | None, addresses: list[Network]) -> None:
    """Let the service reach a network camera at ADDRESS, and nothing else. Needs root.

    Writes a drop-in of the unit, which replaces the one before. To take it back, remove the file
    that is printed.
    """
    unit = f"anoncam@{camera}.service" if camera else "anoncam.service"
    file = UNITS / f"{unit}.d" / DROP_IN
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(drop_in(addresses))
    except OSError as error:
        raise StorageError(f"{file} cannot be written: {error.strerror}", "use sudo") from error
    show(str(file))
    if _MANAGER.is_dir():
        subprocess.run(["systemctl", "daemon-reload"], check=False)
    show(f"in force after: systemctl restart {unit}")


def drop_in(addresses: list[Network]) -> str:
    """The text of the drop-in: families of sockets, and addresses without a port.

    >>> drop_in([ipaddress.ip_network("192.168.0.7")]).splitlines()[1:]
    ['[Service]', 'RestrictAddressFamilies=AF_INET', 'IPAddressAllow=192.168.0.7']
    """
    families = sorted({"AF_INET" if each.version == 4 else "AF_INET6" for each in addresses})
    allowed = [str(each.network_address if each.num_addresses == 1 else each) for each in addresses]
    lines = [
        "# Made by `anoncam service allow`: the network cameras that the service may reach.",
        "[Service]",
        f"RestrictAddressFamilies={' '.join(families)}",
        *(f"IPAddressAllow={each}" for each in allowed),
    ]
    return "\n".join(lines) + "\n"
