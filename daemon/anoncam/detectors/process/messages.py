"""The messages to and from what runs the model; pixels go by shared memory, all else by these.

A child is sent `Start`, the shared detector is not. From then on both do the same: `Ready` comes,
`Memory` goes with a descriptor beside it, and each `Request` has a `Reply`.
"""

import json
import socket
import struct
from dataclasses import asdict, dataclass

import numpy as np

from anoncam.detectors.detector import Detections, DetectorInfo
from anoncam.errors import CoralError, DetectorError, ModelError
from anoncam.processes import channel as channels

MOST_DETECTIONS = 2000
"""Detections that one reply may hold; with more than these it is not complete."""

MOST_SLOTS = 2
"""Pictures for which a memory may have room."""

MOST_PIXELS = 4096
"""The largest width and height of a model's input that the parent accepts."""

_FARTHEST = 1e6
"""Pixels; no coordinate of a box may be larger."""

_KINDS = {kind.__name__: kind for kind in (CoralError, ModelError, DetectorError)}

_MEMORY = struct.Struct("<I")
_REQUEST = struct.Struct("<QIf")
_REPLY = struct.Struct("<Q?I")


@dataclass(frozen=True)
class Start:
    """The parent's first message: the model and the device."""

    model: str
    device: str
    runtime: str
    threads: int

    def encode(self) -> bytes:
        """Encode it as one message."""
        return json.dumps(asdict(self)).encode()


@dataclass(frozen=True)
class Ready:
    """The child's first message: the fields of `DetectorInfo`, or an `error`.

    `error` is empty unless the child cannot work. Then `kind` names the class of the error.
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
        """Encode it as one message."""
        return json.dumps(asdict(self)).encode()

    @classmethod
    def of(cls, info: DetectorInfo) -> "Ready":
        """Say which detector is ready."""
        return cls(
            *info.input_size,
            info.device,
            info.reason,
            info.runtime,
            info.model,
            info.sha256,
            info.coral_problem,
        )

    @classmethod
    def failed(cls, error: Exception) -> "Ready":
        """Say why there is no detector."""
        return cls(error=str(error) or type(error).__name__, kind=type(error).__name__)

    def info(self) -> DetectorInfo:
        """Which detector is ready."""
        return DetectorInfo(
            self.model,
            self.sha256,
            (self.input_width, self.input_height),
            self.device,
            self.reason,
            self.runtime,
            self.coral_problem,
        )

    def raise_error(self) -> None:
        """Raise the child's error in the parent, as an exception of the same class."""
        if self.error:
            raise _KINDS.get(self.kind, DetectorError)(self.error)


@dataclass(frozen=True)
class Memory:
    """Is sent beside the descriptor of the memory: how many pictures fit into it."""

    slots: int

    def encode(self) -> bytes:
        """Encode it as one message."""
        return _MEMORY.pack(self.slots)


@dataclass(frozen=True)
class Request:
    """Asks for the detections in the picture in `slot` that score at least `floor`."""

    ticket: int
    slot: int
    floor: float

    def encode(self) -> bytes:
        """Encode it as one message."""
        return _REQUEST.pack(self.ticket, self.slot, self.floor)


@dataclass(frozen=True)
class Reply:
    """The child's reply to a request; boxes are in pixels of the model's input."""

    ticket: int
    complete: bool
    detections: Detections

    def encode(self) -> bytes:
        """Encode it as one message."""
        kept = self.detections[:MOST_DETECTIONS]
        complete = self.complete and len(kept) == len(self.detections)
        return _REPLY.pack(self.ticket, complete, len(kept)) + kept.astype("<f4").tobytes()


def decode_start(message: bytes) -> Start:
    """Decode the parent's first message."""
    return Start(**json.loads(message))


def decode_ready(message: bytes) -> Ready:
    """Decode the child's first message.

    Raises:
        DetectorError: it is malformed, or its input size is impossible.
    """
    try:
        ready = Ready(**json.loads(message))
        if ready.error or (
            1 <= ready.input_width <= MOST_PIXELS and 1 <= ready.input_height <= MOST_PIXELS
        ):
            return ready
    except (ValueError, TypeError) as error:
        raise DetectorError("the detector's first message cannot be read") from error
    raise DetectorError(
        f"the detector wants pictures of {ready.input_width}x{ready.input_height} pixels"
    )


def decode_memory(message: bytes) -> Memory:
    """Decode what is beside the descriptor of a memory.

    Raises:
        DetectorError: its length or its number is impossible.
    """
    if len(message) != _MEMORY.size:
        raise DetectorError("what should be beside the memory is of another length")
    memory = Memory(*_MEMORY.unpack(message))
    if not 1 <= memory.slots <= MOST_SLOTS:
        raise DetectorError(f"a memory of {memory.slots} pictures")
    return memory


def decode_request(message: bytes, slots: int) -> Request:
    """Decode a request for a picture in a memory with so many `slots`.

    Raises:
        DetectorError: its length or its numbers are impossible.
    """
    if len(message) != _REQUEST.size:
        raise DetectorError("a request of another length")
    request = Request(*_REQUEST.unpack(message))
    # Not a number compares as false, so this refuses it.
    if request.slot >= slots or not 0 <= request.floor <= 1:
        raise DetectorError("a request with impossible numbers")
    return request


def decode_reply(message: bytes) -> Reply:
    """Decode a reply, and check everything in it.

    Raises:
        DetectorError: its length or its numbers are impossible.
    """
    if len(message) < _REPLY.size:
        raise DetectorError("the detector sent garbage: too short")
    ticket, complete, count = _REPLY.unpack_from(message)
    if count > MOST_DETECTIONS or len(message) != _REPLY.size + count * 20:
        raise DetectorError("the detector sent garbage: wrong length")
    detections = np.frombuffer(message, "<f4", offset=_REPLY.size).reshape(-1, 5).astype(np.float32)
    if not np.isfinite(detections).all():
        raise DetectorError("the detector sent garbage: numbers that are not finite")
    scores = detections[:, 4]
    if (detections[:, 2:4] <= 0).any() or (np.abs(detections[:, :4]) > _FARTHEST).any():
        raise DetectorError("the detector sent garbage: impossible boxes")
    if (scores < 0).any() or (scores > 1).any():
        raise DetectorError("the detector sent garbage: impossible scores")
    return Reply(ticket, complete, detections)


def receive(channel: socket.socket, timeout: float | None) -> bytes | None:
    """Wait up to `timeout` seconds for the next message; None if none comes.

    A message that is longer than any should be is cut off.

    Raises:
        DetectorError: the other side is gone.
    """
    try:
        return channels.receive(channel, timeout)
    except ConnectionError as error:
        raise DetectorError("the detector process is gone") from error
