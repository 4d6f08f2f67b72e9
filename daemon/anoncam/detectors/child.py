"""The detector process: it may hang, abort or leak, and nothing is lost but time.

Started with the end of a socket and a shared memory, both as inherited file descriptors; `process.py` tells it by the
socket what to load.
"""

import ctypes
import logging
import mmap
import os
import resource
import signal
import socket
import sys
from typing import Any

import numpy as np
from numpy.typing import NDArray

from anoncam import memory
from anoncam.detectors import heads, models, runtime
from anoncam.detectors.heads import Tensor
from anoncam.detectors.wire import Ready, Reply, Request, decode_request, decode_start, receive
from anoncam.errors import AnoncamError, DetectorError, ModelError
from anoncam.events import LOGGER

MOST_GROWTH = 128 << 20
"""Bytes that the process may grow by after its first answer: a healthy one does not, a leak would take the machine."""

_PR_SET_PDEATHSIG = 1


def main() -> None:
    """Serve requests until the parent goes away."""
    # A hung invoke() would outlive the parent; the kernel then ends it for us.
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    # A stop is sent to all processes of a service at once; the last frames still need their answers.
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # What is to be told of memory the parent tells too; here it would stand where the last words of a child do.
    LOGGER.addHandler(logging.NullHandler())
    memory.seal()
    socket_fd, memory_fd = map(int, sys.argv[1:])
    channel = socket.socket(fileno=socket_fd)
    message = _next_message(channel)
    if message is None:
        return
    start = decode_start(message)
    try:
        loaded = runtime.load(models.find(start.model), start.device, start.runtime, start.threads)
        examine = Examiner(loaded)
    except AnoncamError as error:
        channel.send(Ready(error=str(error), kind=type(error).__name__).encode())
        return
    ready = Ready(
        examine.width,
        examine.height,
        loaded.device,
        loaded.reason,
        loaded.runtime,
        loaded.model.name,
        loaded.model.sha256,
        loaded.coral_problem,
    )
    channel.send(ready.encode())
    _serve(channel, examine, memory_fd, start.slots)


class Examiner:
    """A model, ready to run."""

    def __init__(self, loaded: runtime.Loaded) -> None:
        self._interpreter = loaded.interpreter
        entry = _input(loaded)
        self._input_index = entry["index"]
        self._signed = entry["dtype"] is np.int8
        _, self.height, self.width, _ = (int(side) for side in entry["shape"])
        outputs = [_tensor(detail) for detail in self._interpreter.get_output_details()]
        self._decode = heads.choose(loaded.model.head, outputs, self.width, self.height)

    def __call__(self, picture: NDArray[np.uint8], ticket: int, floor: float) -> Reply:
        """Run the model on `picture`, RGB of shape (height, width, 3)."""
        # A quantised input stands for 0…255 as it is: int8 is the same byte with its top bit turned.
        stored = (picture ^ 0x80).view(np.int8) if self._signed else picture
        self._interpreter.set_tensor(self._input_index, stored[None])
        self._interpreter.invoke()
        detections, complete = self._decode(self._interpreter.get_tensor, floor)
        return Reply(ticket, complete, detections)


def _serve(channel: socket.socket, examine: Examiner, memory_fd: int, slots: int) -> None:
    request = _next_request(channel)
    if request is None:
        return
    # The parent has given the memory its size by now, since it knows the model's.
    area = mmap.mmap(memory_fd, 0)
    memory.lock(area)
    pictures = np.frombuffer(area, np.uint8).reshape(slots, examine.height, examine.width, 3)
    at_first: int | None = None
    while request is not None:
        channel.send(examine(pictures[request.slot], request.ticket, request.floor).encode())
        at_first = at_first or _largest_size()
        if _largest_size() > at_first + MOST_GROWTH:
            print(f"it leaks memory: it has grown by more than {MOST_GROWTH >> 20} MB", file=sys.stderr, flush=True)
            os._exit(1)
        request = _next_request(channel)


def _largest_size() -> int:
    """The most bytes of memory that the process has ever used."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss << 10


def _next_request(channel: socket.socket) -> Request | None:
    message = _next_message(channel)
    return None if message is None else decode_request(message)


def _next_message(channel: socket.socket) -> bytes | None:
    """None when the parent has gone."""
    try:
        return receive(channel, None)
    except DetectorError:
        return None


def _input(loaded: runtime.Loaded) -> dict[str, Any]:
    entries = loaded.interpreter.get_input_details()
    shapes = [[int(side) for side in entry["shape"]] for entry in entries]
    if len(shapes) != 1 or len(shapes[0]) != 4 or shapes[0][0] != 1 or shapes[0][3] != 3:
        inputs = " and ".join(map(str, shapes)) or "missing"
        raise ModelError(
            f"{loaded.model.path} does not take one RGB picture: its input is {inputs}",
            "it must be [1, height, width, 3]",
        )
    if entries[0]["dtype"] not in (np.int8, np.uint8):
        raise ModelError(f"{loaded.model.path} is not quantised to 8 bits", "convert it to full-integer int8")
    return dict(entries[0])


def _tensor(detail: dict[str, Any]) -> Tensor:
    scale, zero_point = detail["quantization"]
    shape = tuple(int(side) for side in detail["shape"])
    return Tensor(int(detail["index"]), str(detail["name"]), shape, float(scale), int(zero_point))


if __name__ == "__main__":
    main()
    sys.stdout.flush()
    # Skips the interpreters' own clean-up, in which a Coral's delegate is known to hang.
    os._exit(0)
