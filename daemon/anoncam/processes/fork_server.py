"""The process from which confined processes are forked: it has loaded all that they need.

It has one thread and reads nothing that strangers have made. So a fork of it is cheap, and clean.
"""

import ctypes
import gc
import importlib
import json
import os
import signal
import socket
import sys
from typing import cast

from anoncam.frames import locked_memory
from anoncam.processes.channel import receive_long, send_long
from anoncam.processes.confinement import confine
from anoncam.processes.seccomp import Handed

_PR_SET_PDEATHSIG = 1


def main() -> None:
    """Fork a process for each request until the parent goes away."""
    # systemd stops all processes of a service at once, but the last frames are still needed.
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # What is loaded stays: to look for garbage would take a tenth of the time.
    gc.disable()
    for module in sys.argv[2:]:
        importlib.import_module(module)
    # Their pages stay shared.
    gc.freeze()
    gc.enable()
    channel = socket.socket(fileno=int(sys.argv[1]))
    children: set[int] = set()
    while (request := _next(channel)) is not None:
        message, descriptors = request
        children -= {child for child in children if _has_ended(child, os.WNOHANG)}
        child = os.fork()
        if not child:
            channel.close()
            _serve(json.loads(message), descriptors)
        for descriptor in descriptors:
            os.close(descriptor)
        children.add(child)
        # Until it is reaped, its number is its own, even if it has ended already.
        handle = os.pidfd_open(child)
        send_long(channel, b"", [handle])
        os.close(handle)
    for child in children:
        os.kill(child, signal.SIGKILL)
        _has_ended(child, 0)


def _has_ended(child: int, options: int) -> bool:
    """Reap a child that has ended, which counts its processor time as that of this process."""
    return os.waitpid(child, options)[0] == child


def _next(channel: socket.socket) -> tuple[bytes, list[int]] | None:
    try:
        return receive_long(channel, None)
    except ConnectionError:
        return None


def _serve(request: dict[str, object], descriptors: list[int]) -> None:
    """Be the child: give up all rights, serve, and end."""
    status = 1
    try:
        # Whoever kills the fork server kills what it has forked.
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        module = importlib.import_module(str(request["module"]))
        locked_memory.seal()
        channel = socket.socket(fileno=descriptors[0])
        handed = cast(Handed, request["handed"])
        if handed:
            os.dup2(descriptors[1], 0)
            os.close(descriptors[1])
        confine(int(str(request["memory"])), handed)
        module.serve(channel, descriptors[1 + bool(handed) :])
        status = 0
    finally:
        # This skips what the interpreter does at its end: it is that of the fork server.
        os._exit(status)


if __name__ == "__main__":
    main()
    # This skips the clean-up of the interpreter, for which the parent would wait.
    os._exit(0)
