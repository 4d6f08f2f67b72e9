"""The packets of the feed, from a thread of their own, for as long as somebody watches."""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from anoncam.clock import NANOSECONDS, Stop
from anoncam.errors import FeedError, NotRunningError
from anoncam.feed.client import FeedReader
from anoncam.feed.protocol import Kind, Message

_RETRY = 1.0
"""Seconds until a daemon that is away is looked for again."""


@dataclass(frozen=True)
class Packet:
    """An access unit of H.264 in Annex B; a key frame has its parameter sets in front.

    `time` is nanoseconds from the start of its segment; `begins` is whether it is the first one.
    """

    data: bytes
    time: int
    key: bool
    begins: bool


class Packets:
    """Gives packets to `take`, and goes on when the daemon was away.

    `resized` is called when the pictures have another size from now on: no packet comes after it.
    """

    def __init__(
        self, folder: Path, take: Callable[[Packet], None], resized: Callable[[], None]
    ) -> None:
        self._folder = folder
        self._take = take
        self._resized = resized
        self._stop = Stop()
        self._reader: FeedReader | None = None
        self._parameters = b""
        self._clock_rate = 90_000
        self._size: tuple[int, int] | None = None
        self._begins = True
        self._thread = threading.Thread(target=self._run, name="packets", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """End soon, without waiting for it; idempotent."""
        self._stop.request()
        if self._reader is not None:
            self._reader.close()

    def _run(self) -> None:
        while not self._stop.requested:
            try:
                # The status shows that the daemon lives while there is no camera.
                with FeedReader(self._folder, (Kind.PACKET, Kind.STATUS)) as self._reader:
                    for message in self._reader:
                        if self._stop.requested:
                            return
                        self._attend(message)
            except (NotRunningError, FeedError):
                self._stop.wait(_RETRY)

    def _attend(self, message: Message) -> None:
        facts = message.facts
        if message.kind == Kind.TRACK:
            size = facts["width"], facts["height"]
            if self._size not in (None, size):
                self._stop.request()
                self._resized()
                return
            self._size, self._begins = size, True
            self._parameters, self._clock_rate = message.payload, facts["clock_rate"]
        elif message.kind == Kind.PACKET:
            data = self._parameters + message.payload if facts["key"] else message.payload
            time = facts["pts"] * NANOSECONDS // self._clock_rate
            self._take(Packet(data, time, facts["key"], self._begins))
            self._begins = False
