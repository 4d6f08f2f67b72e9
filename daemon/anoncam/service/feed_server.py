"""The daemon's side of the feed's socket; `docs/feed.md` has what is sent.

A reader sends lines of JSON: {"want": ["fragment", "status"]}, or a request of `Feed.requests`. A
line that is neither ends its connection.
"""

import contextlib
import json
import logging
import os
import selectors
import shutil
import socket
import threading
import time
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from anoncam import __version__
from anoncam.feed.protocol import LONGEST_LINE, NAME, VERSION, WANTED, Kind
from anoncam.feed.reader_queue import Parcel, ReaderQueue, parcel
from anoncam.service.control_clients import user_of
from anoncam.service.control_socket import socket_address
from anoncam.service.feed import Feed

GROUP = "anoncam-net"
"""Whose members may read the feed, beside the daemon's user: those that listen on a network."""

MOST = 32
"""Readers that may be connected at once: at most 128 MB wait for them."""

MOST_PER_USER = 16

STALLED = 30.0
"""Seconds after which a reader is dropped that takes nothing of what waits for it."""

_BACKLOG = 128
_ACCEPTED_AT_ONCE = 16
_PAUSE = 0.05
"""Seconds without a new reader after some: a flood of them must not cost the recording time."""

_CLOSE_TIMEOUT = 1.0
_PIECE = 1 << 14


@dataclass(eq=False)
class _Reader:
    """`parts` is what is left of the parcel that is being sent, `since` when some of it went."""

    channel: socket.socket
    user: int
    since: float
    queue: ReaderQueue = field(default_factory=ReaderQueue)
    line: bytes = b""
    parts: list[memoryview] = field(default_factory=list)


class FeedServer:
    """Serves all readers from one thread, which no frame waits for.

    Raises:
        OSError: the socket cannot be made in `folder`.
    """

    def __init__(self, folder: Path, feed: Feed) -> None:
        self._feed = feed
        self._readers: set[_Reader] = set()
        self._closing = False
        self._path = folder / NAME
        folder.mkdir(parents=True, exist_ok=True)
        self._listener = _listen(self._path)
        self._wake = os.eventfd(0, os.EFD_NONBLOCK | os.EFD_CLOEXEC)
        self._selector = selectors.DefaultSelector()
        self._selector.register(self._listener, selectors.EVENT_READ)
        self._selector.register(self._wake, selectors.EVENT_READ)
        self._hello = parcel(Kind.HELLO, {"protocol": VERSION, "version": __version__})
        feed.wake = self._notify
        self._thread = threading.Thread(target=self._run, name="feed", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Take the socket away and drop all readers; idempotent."""
        if self._closing:
            return
        self._closing = True
        self._path.unlink(missing_ok=True)
        self._notify()
        self._thread.join(_CLOSE_TIMEOUT)

    def _notify(self) -> None:
        # A write fails only where the count is full already, or the server is closed.
        with contextlib.suppress(OSError):
            os.eventfd_write(self._wake, 1)

    def _run(self) -> None:
        while not self._closing:
            for key, events in self._selector.select(STALLED / 2):
                if key.fileobj is self._listener:
                    self._accept()
                elif key.fileobj == self._wake:
                    os.eventfd_read(self._wake)
                elif key.data in self._readers:
                    self._attend(key.data, events)
            self._deliver()
        for reader in tuple(self._readers):
            self._drop(reader)
        self._selector.close()
        self._listener.close()
        self._feed.wake = lambda: None
        os.close(self._wake)

    def _accept(self) -> None:
        for _ in range(_ACCEPTED_AT_ONCE):
            try:
                self._admit(self._listener.accept()[0])
            except OSError:
                # There are no more, or no free descriptors, or it has gone already.
                break
        time.sleep(_PAUSE)

    def _admit(self, channel: socket.socket) -> None:
        user = user_of(channel)
        own = sum(reader.user == user for reader in self._readers)
        if len(self._readers) >= MOST or own >= MOST_PER_USER:
            channel.close()
            return
        channel.setblocking(False)
        reader = _Reader(channel, user, time.monotonic())
        self._start(reader, self._hello)
        self._readers.add(reader)
        self._selector.register(channel, selectors.EVENT_READ, reader)
        self._feed.add(reader.queue)

    def _attend(self, reader: _Reader, events: int) -> None:
        if not events & selectors.EVENT_READ:
            return
        try:
            received = reader.channel.recv(_PIECE)
            *lines, reader.line = (reader.line + received).split(b"\n")
            for line in lines:
                self._obey(reader, line)
            alive = bool(received) and len(reader.line) < LONGEST_LINE
        except BlockingIOError:
            return
        except (OSError, ValueError, RecursionError):
            alive = False
        if not alive:
            self._drop(reader)

    def _obey(self, reader: _Reader, line: bytes) -> None:
        """Do what a line asks for.

        Raises:
            ValueError: it asks for nothing that there is.
        """
        request = json.loads(line)
        fields = request if isinstance(request, dict) else {}
        # It is repeated in the answer, by another thread, for which nested ones may be too deep.
        if not isinstance(fields.get("id"), str | int | float | None):
            raise ValueError("an id is a text or a number")  # noqa: TRY004 - it is garbage
        for name, handle in self._feed.requests.items():
            if name in fields:
                handle(fields, reader.user, partial(self._feed.answer, reader.queue))
                return
        wants = fields.get("want")
        if not isinstance(wants, list) or not WANTED.issuperset(map(str, wants)):
            raise ValueError("no such request")
        self._feed.want(reader.queue, frozenset(map(str, wants)))

    def _deliver(self) -> None:
        now = time.monotonic()
        for reader in tuple(self._readers):
            try:
                waits = self._send(reader, now)
            except OSError:
                self._drop(reader)
                continue
            if not waits:
                reader.since = now
            elif now - reader.since > STALLED:
                text = "a reader of the feed (user %d) has taken nothing for %.0f s and is dropped"
                logging.getLogger(__name__).warning(text, reader.user, STALLED)
                self._drop(reader)
                continue
            events = selectors.EVENT_READ | (selectors.EVENT_WRITE if waits else 0)
            self._selector.modify(reader.channel, events, reader)

    def _send(self, reader: _Reader, now: float) -> bool:
        """Send what can be sent; whether some is left."""
        while True:
            if not reader.parts:
                following = self._feed.take(reader.queue)
                if following is None:
                    return False
                self._start(reader, following)
            try:
                sent = reader.channel.sendmsg(reader.parts)
            except BlockingIOError:
                return True
            reader.since = now
            while reader.parts and sent >= len(reader.parts[0]):
                sent -= len(reader.parts.pop(0))
            if reader.parts:
                reader.parts[0] = reader.parts[0][sent:]

    def _start(self, reader: _Reader, given: Parcel) -> None:
        reader.parts = [memoryview(part) for part in (given.head, given.payload) if part]

    def _drop(self, reader: _Reader) -> None:
        self._readers.discard(reader)
        self._feed.remove(reader.queue)
        with contextlib.suppress(KeyError):
            self._selector.unregister(reader.channel)
        reader.channel.close()


def _listen(path: Path) -> socket.socket:
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM | socket.SOCK_NONBLOCK)
    try:
        path.unlink(missing_ok=True)
        with socket_address(path) as address:
            listener.bind(address)
        path.chmod(0o660)
        # Without such a group, as for a daemon of one's own, its user's group may read.
        with contextlib.suppress(LookupError, PermissionError):
            shutil.chown(path, group=GROUP)
        listener.listen(_BACKLOG)
    except OSError:
        listener.close()
        raise
    return listener
