"""What systemd is told of the service: readiness, one line of status, and that it is alive
(sd_notify(3)).
"""

import socket
from collections.abc import Mapping


def notify(environment: Mapping[str, str], **facts: object) -> None:
    """Send facts such as READY=1 to the service manager; without one, nothing happens."""
    address = environment.get("NOTIFY_SOCKET")
    if not address:
        return
    message = "\n".join(f"{name}={value}" for name, value in facts.items())
    # An @ stands for the zero byte that begins an abstract address.
    path = f"\0{address[1:]}" if address.startswith("@") else address
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as channel:
        try:
            channel.sendto(message.encode(), path)
        except OSError:
            # A manager that does not listen ends a service that it does not hear from.
            return
