"""What a confined process may no longer do, each tried from within one."""

import contextlib
import json
import os
import resource
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from anoncam.processes import confined_process, landlock, seccomp
from anoncam.processes.channel import make_channel, receive_long, send_long
from anoncam.processes.confined_process import ConfinedProcess
from anoncam.processes.confinement import missing
from tests.support.attempts import ATTEMPTS, COMPUTED, HARMLESS

pytestmark = pytest.mark.integration

MEMORY = 256 << 20


@pytest.fixture
def process(tmp_path: Path) -> Iterator[ConfinedProcess]:
    file = tmp_path / "file"
    file.write_bytes(bytes(4096))
    descriptor = os.open(file, os.O_RDONLY)
    with contextlib.closing(
        ConfinedProcess("tests.support.attempts", [descriptor], MEMORY)
    ) as process:
        os.close(descriptor)
        yield process


def attempt(process: ConfinedProcess, name: str, **arguments: object) -> str:
    """The name of the error that the attempt ended with; empty if it succeeded."""
    send_long(process.channel, json.dumps({"do": name, **arguments}).encode(), [])
    reply = receive_long(process.channel, 60)
    assert reply is not None
    return reply[0].decode()


@pytest.mark.parametrize("name", ATTEMPTS)
def test_a_confined_process_may_not(process: ConfinedProcess, name: str, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        arguments = {
            "path": str(tmp_path / "file"),
            "port": server.getsockname()[1],
            "pid": os.getpid(),
        }
        assert attempt(process, name, **arguments) in {
            *("PermissionError", "MemoryError", "FileNotFoundError", "OSError", "ValueError"),
        }
    assert not (tmp_path / "new").exists()


@pytest.mark.parametrize("name", HARMLESS)
def test_a_confined_process_may(process: ConfinedProcess, name: str) -> None:
    assert attempt(process, name) == ""


@pytest.mark.parametrize("without", ["seccomp", "landlock"])
def test_landlock_and_seccomp_each_keep_files_and_connections_away_alone(
    without: str, tmp_path: Path
) -> None:
    file = tmp_path / "file"
    file.write_bytes(b"x")
    with (
        contextlib.closing(
            ConfinedProcess(f"tests.support.attempts_without_{without}", [], MEMORY)
        ) as process,
        socket.create_server(("127.0.0.1", 0)) as server,
    ):
        port = server.getsockname()[1]
        for name in ("open a file", "make a file", "connect"):
            if name == "connect" and without == "seccomp" and landlock.version() < 4:
                continue
            assert attempt(process, name, path=str(file), port=port) == "PermissionError"


def test_what_the_machine_lacks_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(landlock, "version", lambda: 0)
    monkeypatch.setattr(seccomp, "library", lambda: None)
    assert missing() == [
        "the kernel has no Landlock",
        "libseccomp2 or the kernel's seccomp is missing",
    ]


def test_a_fork_server_that_was_killed_is_started_again() -> None:
    def server() -> int:
        running = confined_process._server._process
        assert running is not None
        return running.pid

    with contextlib.closing(ConfinedProcess("tests.support.attempts", [], MEMORY)):
        before = server()
    os.kill(before, 9)
    with contextlib.closing(ConfinedProcess("tests.support.attempts", [], MEMORY)) as process:
        assert attempt(process, "use memory") == ""
        assert server() != before


def test_what_confined_processes_use_counts_as_used_by_a_child() -> None:
    def used() -> float:
        usage = resource.getrusage(resource.RUSAGE_CHILDREN)
        return usage.ru_utime + usage.ru_stime

    # Another fork server than that of the tests before: what it has used counts at its end.
    confined_process._server.close()
    before = used()
    with contextlib.closing(ConfinedProcess("tests.support.attempts", [], MEMORY)) as ended:
        assert attempt(ended, "compute") == ""
    with contextlib.closing(ConfinedProcess("tests.support.attempts", [], MEMORY)) as killed:
        assert attempt(killed, "compute") == ""
        confined_process._server.close()
    assert used() - before >= 2 * COMPUTED


def test_a_process_that_hangs_is_ended_by_its_close(process: ConfinedProcess) -> None:
    send_long(process.channel, json.dumps({"do": "hang"}).encode(), [])
    ours, theirs = make_channel()
    with ours, theirs:
        # Whatever it holds is closed with it.
        send_long(process.channel, b"{}", [theirs.fileno()])
        theirs.close()
        process.close()
        ours.settimeout(60)
        assert ours.recv(1) == b""


def test_a_process_that_nobody_could_end_is_not_begun(process: ConfinedProcess) -> None:
    attempt(process, "use memory")
    held: list[int] = []
    usual = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (256, usual[1]))
    try:
        with contextlib.suppress(OSError):
            while True:
                held.append(os.open("/dev/null", os.O_RDONLY))
        # There is room for the two ends of a channel, and none for the handle of a process.
        os.close(held.pop())
        os.close(held.pop())
        with pytest.raises(OSError, match="Too many open files"):
            ConfinedProcess("tests.support.attempts", [], MEMORY)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, usual)
        for descriptor in held:
            os.close(descriptor)
