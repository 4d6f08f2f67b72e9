"""What waits for one reader of the feed: bounded, and never in the way of a frame."""

from collections import deque
from collections.abc import Collection
from dataclasses import dataclass

from anoncam.feed.protocol import Kind, Message, encode

LIMIT = 4 << 20
"""Bytes that wait for one reader: 8 s at the default bit rate."""

_STREAMS = frozenset({Kind.PACKET, Kind.FRAGMENT})
"""Kinds of which each message needs those before it, back to a key frame."""


@dataclass(frozen=True, eq=False)
class Parcel:
    """A message as it is sent; all readers share its bytes.

    `key` is whether a decoder can begin with it, `setup` what a decoder needs before it.
    """

    kind: Kind
    head: bytes
    payload: bytes = b""
    key: bool = True
    setup: "Parcel | None" = None

    @property
    def size(self) -> int:
        """Its bytes."""
        return len(self.head) + len(self.payload)


def parcel(
    kind: Kind,
    facts: dict[str, object],
    payload: bytes = b"",
    *,
    key: bool = True,
    setup: Parcel | None = None,
) -> Parcel:
    """A parcel with its header encoded."""
    return Parcel(kind, encode(Message(kind, facts, payload)), payload, key, setup)


class ReaderQueue:
    """Takes what its reader wants, up to `limit` bytes; the reader loses the rest.

    A reader that has lost footage gets more from the next key frame on, and a message that says how
    much it has lost. One message always fits, however large.
    """

    def __init__(self, limit: int = LIMIT) -> None:
        self.wants: frozenset[str] = frozenset()
        self._limit = limit
        self._parcels: deque[Parcel] = deque()
        self._size = 0
        self._lost = 0
        self._in_step: set[Kind] = set()
        self._setups: dict[Kind, Parcel | None] = {}

    def __len__(self) -> int:
        return len(self._parcels)

    def want(self, kinds: Collection[str]) -> None:
        """Take these kinds from now on; footage begins with a key frame."""
        self.wants = frozenset(kinds)
        self._in_step &= {kind for kind in _STREAMS if kind in self.wants}

    def put(self, given: Parcel) -> None:
        """Queue a parcel, if the reader wants it and there is room."""
        kind = given.kind
        if kind in _STREAMS and kind not in self._in_step:
            if not given.key:
                self._lost += bool(self._lost)
                return
            self._in_step.add(kind)
        setup = given.setup if given.setup is not self._setups.get(kind) else None
        size = given.size + (0 if setup is None else setup.size)
        if self._parcels and self._size + size > self._limit:
            self._lost += 1
            self._in_step.discard(kind)
            return
        if self._lost:
            self._append(parcel(Kind.LOST, {"messages": self._lost}))
            self._lost = 0
        if setup is not None:
            self._append(setup)
            self._setups[kind] = setup
        self._append(given)

    def take(self) -> Parcel | None:
        """The next parcel to send."""
        if not self._parcels:
            return None
        taken = self._parcels.popleft()
        self._size -= taken.size
        return taken

    def _append(self, given: Parcel) -> None:
        self._parcels.append(given)
        self._size += given.size
