"""A camera in a confined process: it gets one connection or device, whatever it asks for."""

import contextlib
import json
import os
import socket
from collections.abc import Iterator
from pathlib import Path

import av
import pytest

from anoncam.processes import landlock
from anoncam.processes.channel import receive_long, send_long
from anoncam.processes.confined_process import ConfinedProcess
from anoncam.sources.process import stream_worker
from tests.support.attempts import ATTEMPTS

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


@contextlib.contextmanager
def with_device(
    folder: Path, module: str = "tests.support.attempts"
) -> Iterator[tuple[ConfinedProcess, Path]]:
    """A confined process with a file as its device, and another file beside it."""
    mine, other = folder / "video0", folder / "video1"
    for path in (mine, other):
        path.write_bytes(bytes(8192))
    with mine.open("r+b") as device, other.open("r+b") as beside:
        process = ConfinedProcess(module, [beside.fileno()], 1 << 28, device=device.fileno())
    with contextlib.closing(process):
        yield process, other


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


def test_whatever_it_opens_it_gets_the_device_that_was_handed_in(tmp_path: Path) -> None:
    with with_device(tmp_path) as (process, other):
        for path in (str(other), "/dev/tty", "/dev/mem", "/etc/shadow", "/proc/self/fd/0"):
            assert attempt(process, "open another device", path=path) == "ItsOwnDeviceError"


@pytest.mark.parametrize("name", [*ATTEMPTS, "say hello", "send a datagram"])
def test_a_device_gives_no_further_rights(name: str, tmp_path: Path) -> None:
    with with_device(tmp_path) as (process, other):
        arguments = {"path": str(other), "port": 9, "pid": os.getpid()}
        assert attempt(process, name, **arguments) in {
            *("PermissionError", "MemoryError", "FileNotFoundError", "OSError", "ValueError"),
        }


@pytest.mark.parametrize(
    "name",
    [
        "ask another one for what it is",
        "type into a terminal",
        "ask the driver for what is its own",
        "share the camera's memory",
        "map the camera's controls",
        "run the camera's memory",
    ],
)
def test_a_device_is_asked_for_pictures_alone(name: str, tmp_path: Path) -> None:
    with with_device(tmp_path) as (process, _):
        # The kernel is asked, and knows no such request of a file.
        assert attempt(process, "ask the camera for what it is") == "OSError"
        assert attempt(process, "map the camera's memory") == ""
        assert attempt(process, name) == "PermissionError"


def test_landlock_alone_leaves_a_process_its_device_and_no_other(tmp_path: Path) -> None:
    if not landlock.version():
        pytest.skip("the kernel has no Landlock")
    with with_device(tmp_path, "tests.support.attempts_without_seccomp") as (process, other):
        own = {"path": "/proc/self/fd/0"}
        assert attempt(process, "open another device", **own) == "ItsOwnDeviceError"
        assert attempt(process, "open another device", path=str(other)) == "PermissionError"
        assert attempt(process, "open a file", path=str(other)) == "PermissionError"


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
