"""Encoded footage: the only pictures that the feed takes, made of anonymized frames alone."""

from collections.abc import Mapping
from typing import Any, Protocol, final

from anoncam.anonymizer.anonymized_frame import AnonymizedFrame
from anoncam.feed.protocol import Kind
from anoncam.recording.picture_writer import encode_jpeg

_MAKERS_KEY = object()


@final
class Footage:
    """Encoded pictures that were anonymized frames: a packet, a fragment or a JPEG.

    `key` is whether a decoder can begin with it. `setup` is what a decoder needs before it. `facts`
    describe it.
    """

    __slots__ = ("data", "facts", "key", "kind", "setup")

    def __init__(
        self,
        kind: Kind,
        data: bytes,
        facts: Mapping[str, Any],
        makers_key: object,
        *,
        key: bool = True,
        setup: "Footage | None" = None,
    ) -> None:
        if makers_key is not _MAKERS_KEY:
            raise TypeError("only an encoder of anonymized frames makes footage")
        self.kind = kind
        self.data = data
        self.facts = facts
        self.key = key
        self.setup = setup


class Outlet(Protocol):
    """Takes footage beside the disk; it never waits, and never raises."""

    def wants(self, kind: Kind) -> bool:
        """Whether anybody wants footage of that kind now."""
        ...

    def publish(self, footage: Footage) -> None:
        """Pass footage on."""
        ...


class NoOutlet:
    """An outlet that nobody reads."""

    def wants(self, _kind: Kind) -> bool:
        """Nobody wants anything."""
        return False

    def publish(self, footage: Footage) -> None:
        """Do nothing."""


def picture_of(frame: AnonymizedFrame) -> Footage:
    """The frame as a JPEG.

    Raises:
        TypeError: it is no anonymized frame.
    """
    if not isinstance(frame, AnonymizedFrame):
        raise TypeError("only an anonymized frame becomes footage")
    facts = {"faces": frame.faces, "veil": frame.veil}
    return Footage(Kind.PICTURE, encode_jpeg(frame), facts, _MAKERS_KEY)
