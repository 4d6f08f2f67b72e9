"""The messages of the feed: a header of JSON and a payload, each preceded by its length.

`docs/feed.md` describes them for readers in other languages.
"""

import json
import struct
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from anoncam.errors import FeedError

NAME = "feed"
"""The socket in the runtime folder of the daemon."""

VERSION = 1

LARGEST_HEADER = 1 << 20
"""Bytes; a status has the corners of all zones, which may take half of it."""

LARGEST_PAYLOAD = 1 << 26
"""Bytes; a fragment of the highest bit rate that can be configured is a fifth of it."""

LONGEST_LINE = 1 << 16
"""Bytes that a reader may send as one request."""

_LENGTHS = struct.Struct(">II")


class Kind(StrEnum):
    """The kinds of messages; readers ask for those of `WANTED`."""

    HELLO = "hello"
    TRACK = "track"
    PACKET = "packet"
    INIT = "init"
    FRAGMENT = "fragment"
    PICTURE = "picture"
    STATUS = "status"
    EVENT = "event"
    LOST = "lost"
    ANSWER = "answer"


WANTED = frozenset({Kind.PACKET, Kind.FRAGMENT, Kind.PICTURE, Kind.STATUS, Kind.EVENT})


@dataclass(frozen=True)
class Message:
    """One message; `facts` are its header without the kind."""

    kind: str
    facts: Mapping[str, Any] = field(default_factory=dict)
    payload: bytes = b""


def encode(message: Message) -> bytes:
    """A message as it is sent, without its payload, which follows it."""
    header = json.dumps({"kind": message.kind, **message.facts}, default=str).encode()
    return _LENGTHS.pack(len(header), len(message.payload)) + header


class Decoder:
    """Makes messages of what arrives, in pieces of any size.

    >>> message = Message("status", {"fps": 30}, b"abc")
    >>> decoder = Decoder()
    >>> decoder.feed(encode(message) + message.payload) == [message]
    True
    """

    def __init__(self) -> None:
        self._received = bytearray()

    def feed(self, data: bytes) -> list[Message]:
        """The messages that `data` completes.

        Raises:
            FeedError: this is no feed.
        """
        self._received += data
        messages = []
        while (message := self._next()) is not None:
            messages.append(message)
        return messages

    def _next(self) -> Message | None:
        if len(self._received) < _LENGTHS.size:
            return None
        header, payload = _LENGTHS.unpack_from(self._received)
        if header > LARGEST_HEADER or payload > LARGEST_PAYLOAD:
            raise FeedError("what the socket sends is no feed", "is it the daemon's?")
        start = _LENGTHS.size + header
        if len(self._received) < start + payload:
            return None
        facts = _parse(bytes(self._received[_LENGTHS.size : start]))
        message = Message(facts.pop("kind"), facts, bytes(self._received[start : start + payload]))
        del self._received[: start + payload]
        return message


def _parse(header: bytes) -> dict[str, Any]:
    try:
        facts = json.loads(header)
    except (ValueError, RecursionError) as error:
        raise FeedError("the feed has sent a damaged header") from error
    if not isinstance(facts, dict) or not isinstance(facts.get("kind"), str):
        raise FeedError("the feed has sent a header without a kind")
    return facts
