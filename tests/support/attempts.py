"""What an attacker would try in a confined process; run by the fork server."""

import contextlib
import ctypes
import fcntl
import json
import mmap
import os
import resource
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from anoncam.processes.channel import receive_long, send_long

_libc = ctypes.CDLL(None, use_errno=True)
_descriptors: list[int] = []

COMPUTED = 0.2
"""Seconds of processor time that a process has used when it has computed."""


def _open(request: dict[str, Any]) -> None:
    os.close(os.open(request["path"], os.O_RDONLY))


def _make(request: dict[str, Any]) -> None:
    os.close(os.open(f"{request['path']}.new", os.O_WRONLY | os.O_CREAT))


def _connect(request: dict[str, Any]) -> None:
    with socket.socket() as mine:
        mine.connect(("127.0.0.1", request["port"]))


def _say_hello(request: dict[str, Any]) -> None:
    with socket.socket() as mine:
        mine.connect(("127.0.0.1", request["port"]))
        mine.sendall(b"hello")


def _send_datagram(request: dict[str, Any]) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as mine:
        mine.bind(("127.0.0.1", 0))
        mine.sendto(b"hello", ("127.0.0.1", request["port"]))


def _listen(request: dict[str, Any]) -> None:
    socket.create_server(("127.0.0.1", 0)).close()


def _run(request: dict[str, Any]) -> None:
    subprocess.run(["/bin/true"], check=True)


def _fork(request: dict[str, Any]) -> None:
    if not os.fork():
        os._exit(0)


def _signal(request: dict[str, Any]) -> None:
    os.kill(request["pid"], signal.SIGCONT)


def _trace(request: dict[str, Any]) -> None:
    _call("ptrace", 16, request["pid"], None, None)


def _namespace(request: dict[str, Any]) -> None:
    _call("unshare", 0x10000000)


def _executable(request: dict[str, Any]) -> None:
    mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)


def _limits(request: dict[str, Any]) -> None:
    resource.setrlimit(resource.RLIMIT_DATA, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))


def _memory(request: dict[str, Any]) -> None:
    bytearray(1 << 30)


def _write(request: dict[str, Any]) -> None:
    os.write(_descriptors[0], b"x")


def _delete(request: dict[str, Any]) -> None:
    Path(request["path"]).unlink()


def _list(request: dict[str, Any]) -> None:
    list(Path("/").iterdir())


def _become(request: dict[str, Any]) -> None:
    os.setuid(1)


class ItsOwnDeviceError(Exception):
    """What was opened is the device that it had already."""


def _open_another(request: dict[str, Any]) -> None:
    opened = os.open(request["path"], os.O_RDWR)
    if os.path.sameopenfile(opened, 0):
        raise ItsOwnDeviceError


def _ask(descriptor: int, request: int) -> None:
    fcntl.ioctl(descriptor, request, bytearray(256))


def _map(protection: int) -> None:
    mmap.mmap(0, mmap.PAGESIZE, prot=protection)


def _call(name: str, *arguments: object) -> None:
    if getattr(_libc, name)(*arguments) < 0:
        raise OSError(ctypes.get_errno(), name)


def _read(request: dict[str, Any]) -> None:
    assert os.pread(_descriptors[0], 10, 0)


def _thread(request: dict[str, Any]) -> None:
    thread = threading.Thread(target=lambda: None)
    thread.start()
    thread.join()


def _use_memory(request: dict[str, Any]) -> None:
    bytearray(8 << 20)


def _compute(request: dict[str, Any]) -> None:
    while time.process_time() < COMPUTED:
        pass


def _hang(request: dict[str, Any]) -> None:
    threading.Event().wait()


ATTEMPTS: dict[str, Callable[[dict[str, Any]], None]] = {
    "open a file": _open,
    "make a file": _make,
    "write to its file": _write,
    "delete a file": _delete,
    "list a folder": _list,
    "connect": _connect,
    "listen": _listen,
    "run a program": _run,
    "fork": _fork,
    "send a signal": _signal,
    "trace its parent": _trace,
    "make a namespace": _namespace,
    "make memory executable": _executable,
    "raise its limits": _limits,
    "take more memory than allowed": _memory,
    "become another user": _become,
}

ON_A_CONNECTION: dict[str, Callable[[dict[str, Any]], None]] = {
    "say hello": _say_hello,
    "send a datagram": _send_datagram,
}

_TIOCSTI, _UVCIOC_CTRL_MAP = 0x5412, 0xC0607520
_VIDIOC_QUERYCAP, _VIDIOC_EXPBUF, _VIDIOC_PRIVATE = 0x80685600, 0xC0405610, 0xC00456C0

ON_A_DEVICE: dict[str, Callable[[dict[str, Any]], None]] = {
    "open another device": _open_another,
    "ask the camera for what it is": lambda _: _ask(0, _VIDIOC_QUERYCAP),
    "ask another one for what it is": lambda _: _ask(_descriptors[0], _VIDIOC_QUERYCAP),
    "type into a terminal": lambda _: _ask(0, _TIOCSTI),
    "ask the driver for what is its own": lambda _: _ask(0, _VIDIOC_PRIVATE),
    "share the camera's memory": lambda _: _ask(0, _VIDIOC_EXPBUF),
    "map the camera's controls": lambda _: _ask(0, _UVCIOC_CTRL_MAP),
    "map the camera's memory": lambda _: _map(mmap.PROT_READ | mmap.PROT_WRITE),
    "run the camera's memory": lambda _: _map(mmap.PROT_READ | mmap.PROT_EXEC),
}

HARMLESS: dict[str, Callable[[dict[str, Any]], None]] = {
    "read its file": _read,
    "start a thread": _thread,
    "use memory": _use_memory,
    "compute": _compute,
}

_ALL = {**ATTEMPTS, **HARMLESS, **ON_A_CONNECTION, **ON_A_DEVICE, "hang": _hang}


def serve(channel: socket.socket, descriptors: list[int]) -> None:
    """Try what is asked for, and send the name of the error, if there is one."""
    _descriptors[:] = descriptors
    with contextlib.suppress(ConnectionError):
        while True:
            received = receive_long(channel, None)
            assert received is not None
            request = json.loads(received[0])
            result = ""
            try:
                _ALL[request["do"]](request)
            except Exception as error:
                result = type(error).__name__
            send_long(channel, result.encode(), [])
