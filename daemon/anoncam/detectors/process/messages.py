"""What parent and child say to each other: pixels by shared memory, all else by a socket, in these
few shapes.
"""

import json
import socket
import struct
from dataclasses import asdict, dataclass

import numpy as np

from anoncam.detectors.detector import Detections
from anoncam.errors import CoralError, DetectorError, ModelError

MOST_DETECTIONS = 2000
"""More than this in one answer is an overflow: the answer is not complete."""

MOST_PIXELS = 4096
"""The largest width and height of a model's input that is believed."""

_FARTHEST = 1e6
_MOST_BYTES = 1 << 16

_KINDS = {kind.__name__: kind for kind in (CoralError, ModelError, DetectorError)}

_REQUEST = struct.Struct("<QIf")
_ANSWER = struct.Struct("<Q?I")


@dataclass(frozen=True)
class Start:
    """The parent's first words: which model to load on what, and how many pictures the shared
    memory holds.
    """

    model: str
    device: str
    runtime: str
    threads: int
    slots: int

    def encode(self) -> bytes:
        """As one message."""
        return json.dumps(asdict(self)).encode()


@dataclass(frozen=True)
class Ready:
    """The child's first words: what it runs, on what and why.

    `error` is empty, or says why it cannot work, and `kind` then names the class of the error.
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
    kind: str = ""

    def encode(self) -> bytes:
        """As one message."""
        return json.dumps(asdict(self)).encode()

    def raise_error(self) -> None:
        """Raise in the parent what ended the child."""
        if self.error:
            raise _KINDS.get(self.kind, DetectorError)(self.error)


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


def decode_start(message: bytes) -> Start:
    """Read what the parent says first."""
    return Start(**json.loads(message))


def decode_ready(message: bytes) -> Ready:
    """Read the child's first message.

    Raises:
        DetectorError: it is not what a detector says first.
    """
    try:
        ready = Ready(**json.loads(message))
        if ready.error or (
            1 <= ready.input_width <= MOST_PIXELS and 1 <= ready.input_height <= MOST_PIXELS
        ):
            return ready
    except (ValueError, TypeError) as error:
        raise DetectorError("the detector did not introduce itself") from error
    raise DetectorError(
        f"the detector wants pictures of {ready.input_width}x{ready.input_height} pixels"
    )


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
    detections = (
        np.frombuffer(message, "<f4", offset=_ANSWER.size).reshape(-1, 5).astype(np.float32)
    )
    if not np.isfinite(detections).all():
        raise DetectorError("the detector answered garbage: numbers that are not finite")
    scores = detections[:, 4]
    if (detections[:, 2:4] <= 0).any() or (np.abs(detections[:, :4]) > _FARTHEST).any():
        raise DetectorError("the detector answered garbage: impossible boxes")
    if (scores < 0).any() or (scores > 1).any():
        raise DetectorError("the detector answered garbage: impossible scores")
    return Reply(ticket, complete, detections)


def receive(channel: socket.socket, timeout: float | None) -> bytes | None:
    """The next message, cut off where it is longer than any should be; None when `timeout` seconds
    pass first.

    Raises:
        DetectorError: the other side is gone.
    """
    try:
        channel.settimeout(timeout)
        message = channel.recv(_MOST_BYTES)
    except (TimeoutError, BlockingIOError):
        return None
    except OSError as error:
        raise DetectorError("the detector process is gone") from error
    if not message:
        raise DetectorError("the detector process is gone")
    return message
