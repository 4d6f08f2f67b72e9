"""Serves the clip of the tests as a network camera at port 8554 of this machine."""

import socket
import threading

from tests.support import rtsp_server

create_server = socket.create_server


def at_fixed_port(_: tuple[str, int]) -> socket.socket:
    """A server at the port that the configuration names."""
    return create_server(("127.0.0.1", 8554))


if __name__ == "__main__":
    socket.create_server = at_fixed_port  # type: ignore[assignment]
    rtsp_server.RtspCamera()
    threading.Event().wait()
