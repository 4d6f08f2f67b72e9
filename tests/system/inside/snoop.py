"""Tries, as another user of the machine, to get at what the service has, and prints what came of
it: "done", or the name of the error. Its argument is the number of the daemon's process."""

import ctypes
import errno
import json
import os
import signal
import socket
import sys
from collections.abc import Callable
from pathlib import Path

DAEMON = int(sys.argv[1])
PROCESS = Path(f"/proc/{DAEMON}")
STATE = Path("/var/lib/anoncam")
RECORDINGS = STATE / "recordings"

_PTRACE_SEIZE = 0x4206


def attempt(deed: Callable[[], object]) -> str:
    """What comes of it."""
    try:
        deed()
    except OSError as error:
        return errno.errorcode.get(error.errno or 0, str(error))
    return "done"


def connect(name: str) -> Callable[[], object]:
    """Connect to a socket of the daemon."""

    def deed() -> None:
        with socket.socket(socket.AF_UNIX) as channel:
            channel.connect(f"/run/anoncam/{name}")

    return deed


def trace() -> None:
    """Attach to the daemon as a debugger does."""
    library = ctypes.CDLL(None, use_errno=True)
    if library.ptrace(_PTRACE_SEIZE, DAEMON, 0, 0) < 0:
        raise OSError(ctypes.get_errno(), "ptrace")


def read(path: Path) -> Callable[[], object]:
    """Read a file."""
    return path.read_bytes


def any_of(folder: Path, pattern: str = "*") -> Path:
    """A file of a folder that can be listed.

    Raises:
        OSError: it cannot be listed, or there is none.
    """
    # A glob passes over what may not be listed.
    list(folder.iterdir())
    found = next(folder.glob(pattern), None)
    if found is None:
        raise FileNotFoundError(errno.ENOENT, "there is none")
    return found


DEEDS: dict[str, Callable[[], object]] = {
    "read a recording": lambda: any_of(RECORDINGS, "*.mp4").read_bytes(),
    "read the evidence": read(RECORDINGS / "evidence.jsonl"),
    "read the event log": read(STATE / "events.jsonl"),
    "read the status": read(Path("/run/anoncam/status.json")),
    "read the configuration": read(Path("/etc/anoncam/config.yaml")),
    "read the fingerprint of the key": read(STATE / "evidence-key.pub"),
    "connect to the socket of the group": connect("control"),
    "connect to the socket of the owner": connect("control-owner"),
    "read the key of the evidence": read(STATE / "evidence-key"),
    "read the last good configuration": read(STATE / "last-good-config.json"),
    "read the password of the camera": read(
        Path("/run/credentials/anoncam.service/camera-password")
    ),
    "read the password where systemd finds it": read(Path("/etc/credstore/camera-password")),
    "read the memory of the daemon": read(PROCESS / "mem"),
    "read its environment": read(PROCESS / "environ"),
    "see where its memory lies": read(PROCESS / "maps"),
    "see its open files": lambda: list((PROCESS / "fd").iterdir()),
    "go into its root folder": lambda: list((PROCESS / "root").iterdir()),
    "trace it": trace,
    "stop it": lambda: os.kill(DAEMON, signal.SIGSTOP),
    "see pictures in shared memory": lambda: any_of(Path("/dev/shm")).read_bytes(),
    "write into the recordings": lambda: (RECORDINGS / "written.mp4").write_bytes(b"x"),
    "delete a recording": lambda: any_of(RECORDINGS, "*.mp4").unlink(),
    "change the evidence": lambda: (RECORDINGS / "evidence.jsonl").open("ab").close(),
    "change the status": lambda: Path("/run/anoncam/status.json").write_text("x"),
    "change the configuration": lambda: Path("/etc/anoncam/config.yaml").open("ab").close(),
    "fill the event log": lambda: (STATE / "events.jsonl").open("ab").close(),
}


if __name__ == "__main__":
    print(json.dumps({name: attempt(deed) for name, deed in DEEDS.items()}))
