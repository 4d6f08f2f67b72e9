"""What parent and child say to each other: pixels by shared memory, all else by a socket, in these few shapes."""

import json
import struct
from dataclasses import asdict, dataclass
from multiprocessing.connection import Connection

import numpy as np

from anoncam.detectors import Detections
from anoncam.errors import DetectorError

MOST_DETECTIONS = 2000
"""More than this in one answer is an overflow: the answer is not complete."""

_REQUEST = struct.Struct("<QIf")
_ANSWER = struct.Struct("<Q?I")


@dataclass(frozen=True)
class Ready:
    """The child's first words: what it runs, on what and why.

    `error` is empty, or says why it cannot work, and `coral` then whether the Coral is to blame.
    """

    input_width: int = 0
    input_height: int = 0
    device: str = ""
    reason: str = ""
    runtime: str = ""
    model: str = ""
    sha256: str = ""
    coral_problem: str = ""
    error: str = ""
    coral: bool = False

    def encode(self) -> bytes:
        """As one message."""
        return json.dumps(asdict(self)).encode()


@dataclass(frozen=True)
class Request:
    """Examine the picture in `slot`; give what scores at least `floor`."""

    ticket: int
    slot: int
    floor: float

    def encode(self) -> bytes:
        """As one message."""
        return _REQUEST.pack(self.ticket, self.slot, self.floor)


@dataclass(frozen=True)
class Reply:
    """The child's answer to a request; boxes are in pixels of the model's input."""

    ticket: int
    complete: bool
    detections: Detections

    def encode(self) -> bytes:
        """As one message."""
        kept = self.detections[:MOST_DETECTIONS]
        complete = self.complete and len(kept) == len(self.detections)
        return _ANSWER.pack(self.ticket, complete, len(kept)) + kept.astype("<f4").tobytes()


def decode_ready(message: bytes) -> Ready:
    """Read the child's first message."""
    try:
        return Ready(**json.loads(message))
    except (ValueError, TypeError) as error:
        raise DetectorError("the detector did not introduce itself") from error


def decode_request(message: bytes) -> Request:
    """Read a request."""
    return Request(*_REQUEST.unpack(message))


def decode_reply(message: bytes) -> Reply:
    """Read an answer, trusting nothing.

    Raises:
        DetectorError: its shape or its numbers are impossible.
    """
    if len(message) < _ANSWER.size:
        raise DetectorError("the detector answered garbage: too short")
    ticket, complete, count = _ANSWER.unpack_from(message)
    if count > MOST_DETECTIONS or len(message) != _ANSWER.size + count * 20:
        raise DetectorError("the detector answered garbage: wrong length")
    detections = np.frombuffer(message, "<f4", offset=_ANSWER.size).reshape(-1, 5).astype(np.float32)
    if not np.isfinite(detections).all():
        raise DetectorError("the detector answered garbage: numbers that are not finite")
    if (detections[:, 2:4] <= 0).any() or (detections[:, 4] < 0).any() or (detections[:, 4] > 1).any():
        raise DetectorError("the detector answered garbage: impossible sizes or scores")
    return Reply(ticket, complete, detections)


def receive(connection: Connection, timeout: float | None) -> bytes | None:
    """The next message; None when `timeout` seconds pass first.

    Raises:
        DetectorError: the other side is gone.
    """
    try:
        if timeout is not None and not connection.poll(timeout):
            return None
        return connection.recv_bytes(1 << 20)
    except (EOFError, OSError) as error:
        raise DetectorError("the detector process is gone") from error
