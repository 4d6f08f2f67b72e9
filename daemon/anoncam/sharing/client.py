"""One camera's connection to the detector service; what comes by it is believed if it fits."""

import socket
import struct

import numpy as np
from numpy.typing import NDArray

from anoncam.detectors.detector import DetectionResult
from anoncam.detectors.process import picture_memory
from anoncam.detectors.process.messages import Ready, Reply, Request, decode_request
from anoncam.detectors.process.picture_memory import Pictures
from anoncam.errors import DetectorError
from anoncam.processes.channel import close_all, receive_beside

_CREDENTIALS = struct.Struct("3i")
"""Process, user and group of the other side (unix(7), SO_PEERCRED)."""


class Client:
    """A connection that has just been accepted, at `since` (seconds, monotonic).

    Its pictures lie in a memory of its own, which no other client ever gets.
    """

    def __init__(self, channel: socket.socket, since: float) -> None:
        channel.setblocking(False)
        self.channel = channel
        self.since = since
        given = channel.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _CREDENTIALS.size)
        self.process: int = _CREDENTIALS.unpack(given)[0]
        self._pictures: Pictures | None = None

    @property
    def has_memory(self) -> bool:
        """Whether it has sent the memory of its pictures."""
        return self._pictures is not None

    @property
    def slots(self) -> int:
        """How many pictures it may have under way."""
        return 0 if self._pictures is None else len(self._pictures)

    def greet(self, ready: Ready) -> None:
        """Say which detector is ready, or why there is none.

        Raises:
            OSError: it is gone.
        """
        self.channel.send(ready.encode())

    def read(self, input_size: tuple[int, int]) -> Request | None:
        """Read one message; None if it was no request, but the memory, or if there is none.

        Raises:
            DetectorError: it is not what comes next.
            ConnectionError: the client is gone.
        """
        received = receive_beside(self.channel, 0)
        if received is None:
            return None
        message, descriptors = received
        if self._pictures is None:
            width, height = input_size
            self._pictures = picture_memory.accept(message, descriptors, height, width)
            return None
        if descriptors:
            close_all(descriptors)
            raise DetectorError("a descriptor beside a request")
        return decode_request(message, self.slots)

    def picture(self, request: Request) -> NDArray[np.uint8]:
        """The picture of a request, of shape (height, width, 3)."""
        assert self._pictures is not None  # noqa: S101 - without them there is no request
        picture: NDArray[np.uint8] = self._pictures[request.slot]
        return picture

    def reply(self, request: Request, result: DetectionResult) -> None:
        """Send the result for a request.

        Raises:
            OSError: the client is gone, or has left so many replies unread that no more fit.
        """
        self.channel.send(Reply(request.ticket, result.complete, result.detections).encode())

    def close(self) -> None:
        """End the connection, and let go of its pictures; idempotent."""
        self.channel.close()
        self._pictures = None
