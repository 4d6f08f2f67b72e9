"""A network camera in a confined process: it gets one connection, whatever it asks for."""

import contextlib
import json
import os
import socket
from collections.abc import Iterator

import av
import pytest

from anoncam.processes.channel import receive_long, send_long
from anoncam.processes.confined_process import ConfinedProcess
from anoncam.sources.process import stream_worker

pytestmark = pytest.mark.integration


@contextlib.contextmanager
def connected() -> Iterator[tuple[ConfinedProcess, socket.socket]]:
    """A confined process with a connection, and the other end of it."""
    with (
        socket.create_server(("127.0.0.1", 0)) as server,
        socket.create_connection(server.getsockname()) as connection,
        contextlib.closing(
            ConfinedProcess("tests.support.attempts", [], 1 << 28, connection)
        ) as process,
    ):
        theirs, _ = server.accept()
        with theirs:
            yield process, theirs


def attempt(process: ConfinedProcess, name: str, **arguments: object) -> str:
    send_long(process.channel, json.dumps({"do": name, **arguments}).encode(), [])
    reply = receive_long(process.channel, 60)
    assert reply is not None
    return reply[0].decode()


def test_whatever_it_connects_to_it_gets_the_connection_that_was_handed_in() -> None:
    with connected() as (process, camera), socket.create_server(("127.0.0.1", 0)) as other:
        assert attempt(process, "say hello", port=other.getsockname()[1]) == ""
        assert camera.recv(5) == b"hello"
        other.settimeout(0)
        with pytest.raises(BlockingIOError):
            other.accept()


@pytest.mark.parametrize("name", ["listen", "send a datagram", "open a file", "run a program"])
def test_a_connection_gives_no_further_rights(name: str) -> None:
    with connected() as (process, _):
        arguments = {"path": "/etc/passwd", "port": 9, "pid": os.getpid()}
        assert attempt(process, name, **arguments) == "PermissionError"


def test_libav_may_use_only_the_protocols_of_cameras(monkeypatch: pytest.MonkeyPatch) -> None:
    given: dict[str, str] = {}

    def refuse(*_: object, container_options: dict[str, str], **__: object) -> None:
        given.update(container_options)
        raise av.ConnectionRefusedError(111, "Connection refused")

    monkeypatch.setattr(av, "open", refuse)
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with ours, theirs:
        stream = stream_worker._Stream(theirs)
        stream.run({"address": "rtsp://x", "silence": 1, "open_timeout": 1, "rotation": 0})
        received = receive_long(ours, 10)
    assert received is not None
    assert json.loads(received[0])["end"] == "broken off"
    assert set(given["protocol_whitelist"].split(",")) == {"rtp", "udp", "tcp", "tls"}
    assert given["format_whitelist"] == "rtsp"
