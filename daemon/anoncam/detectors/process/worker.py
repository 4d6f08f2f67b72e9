"""The child's side of the detector process: it may hang, abort or leak, and the parent goes on.

It is started with one end of a socket as an inherited file descriptor. The parent sends by it what
to load, and then the memory of the pictures.
"""

import ctypes
import logging
import mmap
import os
import signal
import socket
import sys
from pathlib import Path

from anoncam.detectors import model_file
from anoncam.detectors.process import picture_memory
from anoncam.detectors.process.messages import (
    Ready,
    Reply,
    decode_request,
    decode_start,
    receive,
)
from anoncam.detectors.process.picture_memory import Pictures
from anoncam.detectors.tflite import runtime
from anoncam.detectors.tflite.face_model import FaceModel
from anoncam.errors import AnoncamError, DetectorError
from anoncam.events.event import LOGGER
from anoncam.frames import locked_memory
from anoncam.processes.channel import receive_beside

MOST_GROWTH = 128 << 20
"""Bytes by which the process may grow after its first result.

A healthy process does not grow. A leak would use up the memory of the machine.
"""

_PR_SET_PDEATHSIG = 1


def main() -> None:
    """Serve requests until the parent goes away."""
    # A hung invoke() would outlive the parent. The kernel ends it instead.
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    # systemd stops all processes of a service at once, but the last frames still need results.
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # The parent logs problems with memory itself. Here they would stand on stderr, which the parent
    # quotes as the reason of the exit.
    LOGGER.addHandler(logging.NullHandler())
    locked_memory.seal()
    channel = socket.socket(fileno=int(sys.argv[1]))
    message = _next_message(channel)
    if message is None:
        return
    start = decode_start(message)
    try:
        loaded = runtime.load(
            model_file.find(start.model), start.device, start.runtime, start.threads
        )
        model = FaceModel(loaded)
    except AnoncamError as error:
        channel.send(Ready.failed(error).encode())
        return
    ready = Ready(
        model.width,
        model.height,
        loaded.device,
        loaded.reason,
        loaded.runtime,
        loaded.model.name,
        loaded.model.sha256,
        loaded.coral_problem,
    )
    channel.send(ready.encode())
    pictures = _next_memory(channel, model)
    if pictures is not None:
        _serve(channel, model, pictures)


def _serve(channel: socket.socket, model: FaceModel, pictures: Pictures) -> None:
    at_first: int | None = None
    while (message := _next_message(channel)) is not None:
        request = decode_request(message, len(pictures))
        model.infer(pictures[request.slot])
        detections, complete = model.read(request.floor)
        channel.send(Reply(request.ticket, complete, detections).encode())
        used = used_memory()
        at_first = at_first or used
        if used > at_first + MOST_GROWTH:
            print(
                f"it leaks memory: it has grown by more than {MOST_GROWTH >> 20} MB",
                file=sys.stderr,
                flush=True,
            )
            os._exit(1)


def used_memory() -> int:
    """Return how many bytes of memory the process has in use.

    `ru_maxrss` would begin with all that the parent had used before the exec.
    """
    return int(Path("/proc/self/statm").read_text().split()[1]) * mmap.PAGESIZE


def _next_memory(channel: socket.socket, model: FaceModel) -> Pictures | None:
    """Wait for the memory of the pictures; None when the parent has gone."""
    try:
        received = receive_beside(channel, None)
    except ConnectionError:
        return None
    return received and picture_memory.accept(*received, model.height, model.width)


def _next_message(channel: socket.socket) -> bytes | None:
    """Wait for the next message; None when the parent has gone."""
    try:
        return receive(channel, None)
    except DetectorError:
        return None


if __name__ == "__main__":
    main()
    sys.stdout.flush()
    # This skips the clean-up of the interpreter, in which a Coral's delegate is known to hang.
    os._exit(0)
