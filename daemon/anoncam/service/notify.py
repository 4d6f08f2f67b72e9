"""Notices to systemd (sd_notify(3)): the service is ready, alive, reloading or stopping."""

import socket
from collections.abc import Mapping

from anoncam.events.printable import printable


def notify(environment: Mapping[str, str], **facts: object) -> None:
    """Send facts such as READY=1 to the service manager, if there is one."""
    address = environment.get("NOTIFY_SOCKET")
    if not address:
        return
    message = "\n".join(f"{name}={printable(str(value))}" for name, value in facts.items())
    # An @ stands for the zero byte that begins an abstract address.
    path = f"\0{address[1:]}" if address.startswith("@") else address
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as channel:
        try:
            channel.sendto(message.encode(), path)
        except OSError:
            # Nothing to do here: a manager that misses its notices restarts the service.
            return
