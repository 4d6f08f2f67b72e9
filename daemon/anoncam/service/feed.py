"""Passes footage, status and events to the readers of the feed, without ever waiting for one."""

import logging
import threading
from collections.abc import Callable, Mapping
from typing import Any

from anoncam.anonymizer.anonymized_frame import AnonymizedFrame
from anoncam.clock import NANOSECONDS, Clock, utc_text
from anoncam.events.redaction import redact_all
from anoncam.feed.protocol import Kind
from anoncam.feed.reader_queue import Parcel, ReaderQueue, parcel
from anoncam.recording.footage import Footage, picture_of

Request = Callable[[Mapping[str, Any], int, Callable[[dict[str, object]], None]], None]
"""Takes what a reader sent, the uid of its process, and what gives it the answer."""

_PICTURE_INTERVAL = NANOSECONDS
"""How often a picture is made for those who want pictures; making one takes some milliseconds."""


class Feed:
    """What is told here goes to all readers that want it; every thread may call it.

    `wake` is called after something was queued. `changed` is notified when readers want something
    else: `wanted` is what they want. `requests` holds what readers may ask the daemon to do, by the
    field that names it; a request must return at once and raise nothing.
    """

    def __init__(self, clock: Clock) -> None:
        self.wake: Callable[[], None] = lambda: None
        self.requests: dict[str, Request] = {}
        self._clock = clock
        self.changed = self._lock = threading.Condition()
        self._queues: list[ReaderQueue] = []
        self.wanted: frozenset[str] = frozenset()
        self._setups: dict[Kind, tuple[Footage, Parcel]] = {}
        self._status: Parcel | None = None
        self._next_picture = 0

    def wants(self, kind: Kind) -> bool:
        """Whether a reader wants messages of that kind."""
        return kind in self.wanted

    def publish(self, footage: Footage) -> None:
        """Send encoded footage to those who want it.

        Raises:
            TypeError: it is no footage.
        """
        if not isinstance(footage, Footage):
            raise TypeError("the feed takes nothing but footage")
        with self._lock:
            made = parcel(
                footage.kind,
                {**footage.facts, "at": self._now()},
                footage.data,
                key=footage.key,
                setup=None if footage.setup is None else self._setup(footage.kind, footage.setup),
            )
            self._put(made)
        self.wake()

    def offer(self, frame: AnonymizedFrame) -> None:
        """Make a picture of the frame, if one is wanted and due."""
        now = self._clock.monotonic()
        if Kind.PICTURE not in self.wanted or now < self._next_picture:
            return
        self._next_picture = now + _PICTURE_INTERVAL
        try:
            self.publish(picture_of(frame))
        except Exception:  # whatever it is, recording goes on
            logging.getLogger(__name__).exception("a picture for the feed could not be made")

    def tell_status(self, status: Mapping[str, Any]) -> None:
        """Send what the daemon does now; new readers get the newest at once."""
        facts = redact_all(status)
        with self._lock:
            self._status = parcel(Kind.STATUS, {"status": facts})
            self._put(self._status)
        self.wake()

    def tell_event(self, entry: Mapping[str, Any]) -> None:
        """Send an event, as the event log has it."""
        with self._lock:
            self._put(parcel(Kind.EVENT, {"event": entry}))
        self.wake()

    def add(self, queue: ReaderQueue) -> None:
        """Give a reader what it wants from now on."""
        with self._lock:
            self._queues.append(queue)

    def want(self, queue: ReaderQueue, kinds: frozenset[str]) -> None:
        """Change what a reader wants."""
        with self._lock:
            queue.want(kinds)
            self._count()
            if self._status is not None and Kind.STATUS in kinds:
                queue.put(self._status)

    def answer(self, queue: ReaderQueue, facts: dict[str, object]) -> None:
        """Send something to one reader alone."""
        with self._lock:
            queue.put(parcel(Kind.ANSWER, facts))
        self.wake()

    def take(self, queue: ReaderQueue) -> Parcel | None:
        """The next thing to send to a reader."""
        with self._lock:
            return queue.take()

    def remove(self, queue: ReaderQueue) -> None:
        """Forget a reader."""
        with self._lock:
            self._queues.remove(queue)
            self._count()

    def _count(self) -> None:
        self.wanted = frozenset().union(*(queue.wants for queue in self._queues))
        self.changed.notify_all()

    def _put(self, given: Parcel) -> None:
        for queue in self._queues:
            if given.kind in queue.wants:
                queue.put(given)

    def _setup(self, kind: Kind, footage: Footage) -> Parcel:
        known = self._setups.get(kind)
        if known is None or known[0] is not footage:
            facts = {**footage.facts, "at": self._now()}
            known = self._setups[kind] = footage, parcel(footage.kind, facts, footage.data)
        return known[1]

    def _now(self) -> str:
        return utc_text(self._clock.utc(), "milliseconds")
