"""Tries what the service must not be able to do, and prints what came of it: "done", or the name of
the error."""

import ctypes
import errno
import json
import mmap
import os
import resource
import socket
import time
from collections.abc import Callable
from pathlib import Path

_CLONE_NEWUSER = 0x10000000


def attempt(deed: Callable[[], object]) -> str:
    """What comes of it."""
    try:
        deed()
    except OSError as error:
        return errno.errorcode.get(error.errno or 0, str(error))
    except ValueError as error:
        return str(error)
    return "done"


def connect(family: int, kind: int = socket.SOCK_STREAM) -> Callable[[], object]:
    """Open a socket."""
    return lambda: socket.socket(family, kind).close()


def call(name: str, *arguments: int) -> Callable[[], object]:
    """Call a function of the C library."""

    def deed() -> None:
        library = ctypes.CDLL(None, use_errno=True)
        if getattr(library, name)(*arguments) < 0:
            raise OSError(ctypes.get_errno(), name)

    return deed


def write(path: str) -> Callable[[], object]:
    """Write a file."""
    return lambda: Path(path).write_text("x")


STATE = os.environ["STATE_DIRECTORY"]

DEEDS: dict[str, Callable[[], object]] = {
    "write to the state folder": write(f"{STATE}/written"),
    "write to the temporary folder": write("/tmp/written"),
    "write to a folder of its own elsewhere": write("/srv/own/written"),
    "write to its configuration": write("/etc/anoncam/config.yaml"),
    "write to the system": write("/usr/written"),
    "set where cores go": write("/proc/sys/kernel/core_pattern"),
    "read a home": lambda: Path("/home/somebody/letter").read_text(),
    "read root's home": lambda: list(Path("/root").iterdir()),
    "see another process": lambda: Path("/proc/1").stat(),
    "know the processor": lambda: Path("/proc/cpuinfo").read_text(),
    "open a socket of IPv4": connect(socket.AF_INET),
    "open a socket of IPv6": connect(socket.AF_INET6, socket.SOCK_DGRAM),
    "open a raw socket": connect(socket.AF_PACKET, socket.SOCK_RAW),
    "open a socket of the machine": connect(socket.AF_UNIX),
    "hear of devices": connect(socket.AF_NETLINK, socket.SOCK_RAW),
    "have memory that is writable and executable": lambda: mmap.mmap(
        -1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC
    ),
    "make a namespace": call("unshare", _CLONE_NEWUSER),
    "make a device": lambda: os.mknod("/tmp/device", 0o60600, os.makedev(8, 0)),
    "become root": lambda: os.setuid(0),
    "make a program that runs as another": lambda: Path("/tmp/written").chmod(0o4750),
    "set the clock": lambda: time.clock_settime(time.CLOCK_REALTIME, 0),
    "allow cores": lambda: resource.setrlimit(resource.RLIMIT_CORE, (1, 1)),
}


if __name__ == "__main__":
    print(json.dumps({name: attempt(deed) for name, deed in DEEDS.items()}))
