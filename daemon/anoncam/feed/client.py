"""Readers of the feed: in a thread that may block, or in an asyncio loop."""

import asyncio
import contextlib
import json
import os
import socket
import struct
from collections import deque
from collections.abc import AsyncIterator, Collection, Iterator
from pathlib import Path
from types import TracebackType
from typing import Self

from anoncam.errors import NotRunningError
from anoncam.feed.protocol import NAME, Decoder, Message

SILENCE = 10.0
"""Seconds without a message after which a daemon counts as gone: status comes every second."""

_PIECE = 1 << 18
_CONNECT_TIMEOUT = 10
_TIMEVAL = struct.Struct("ll")
_REMEDY = "see systemctl status anoncam"


class FeedReader:
    """Reads the feed of the daemon whose runtime folder is `folder`.

    >>> with FeedReader(Path("/run/anoncam"), ["status"]) as reader:
    ...     for message in reader:
    ...         print(message.kind, message.facts)

    Raises:
        NotRunningError: there is no daemon, or it has ended.
        FeedError: what it sends is no feed.
    """

    def __init__(self, folder: Path, wants: Collection[str], silence: float = SILENCE) -> None:
        self._decoder = Decoder()
        self._messages: deque[Message] = deque()
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        # A timeout of Python's would not wait for a place in the queue (connect(2), EAGAIN).
        self._socket.setsockopt(
            socket.SOL_SOCKET, socket.SO_SNDTIMEO, _TIMEVAL.pack(_CONNECT_TIMEOUT, 0)
        )
        try:
            with _address(folder) as address:
                self._socket.connect(address)
            self._socket.settimeout(silence)
            self.send({"want": sorted(wants)})
        except OSError as error:
            self.close()
            raise _gone(error) from error

    def send(self, request: dict[str, object]) -> None:
        """Send a request; an answer comes as a message."""
        self._socket.sendall(_line(request))

    def close(self) -> None:
        """Close the connection, also from another thread; idempotent."""
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()

    def __iter__(self) -> Iterator[Message]:
        return self

    def __next__(self) -> Message:
        while not self._messages:
            try:
                received = self._socket.recv(_PIECE)
            except OSError as error:
                raise _gone(error) from error
            if not received:
                raise NotRunningError("the daemon has ended the feed", _REMEDY)
            self._messages.extend(self._decoder.feed(received))
        return self._messages.popleft()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


class AsyncFeedReader:
    """The same for an asyncio loop, made by `connect`."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    @classmethod
    async def connect(cls, folder: Path, wants: Collection[str]) -> Self:
        """Connect to the daemon whose runtime folder is `folder`.

        Raises:
            NotRunningError: there is none.
        """
        try:
            with _address(folder) as address:
                reader, writer = await asyncio.open_unix_connection(address)
        except OSError as error:
            raise _gone(error) from error
        made = cls(reader, writer)
        made.send({"want": sorted(wants)})
        return made

    def send(self, request: dict[str, object]) -> None:
        """Send a request; an answer comes as a message."""
        self._writer.write(_line(request))

    async def messages(self, silence: float = SILENCE) -> AsyncIterator[Message]:
        """The messages, until the daemon ends.

        Raises:
            NotRunningError: it has ended, or is silent.
            FeedError: what it sends is no feed.
        """
        decoder = Decoder()
        while True:
            try:
                # wait_for of Python 3.11 may lose a cancellation that comes with data.
                async with asyncio.timeout(silence):
                    received = await self._reader.read(_PIECE)
            except OSError as error:
                raise _gone(error) from error
            if not received:
                raise NotRunningError("the daemon has ended the feed", _REMEDY)
            for message in decoder.feed(received):
                yield message

    async def close(self) -> None:
        """Close the connection; idempotent."""
        self._writer.close()
        with contextlib.suppress(OSError):
            await self._writer.wait_closed()


def _line(request: dict[str, object]) -> bytes:
    return json.dumps(request, separators=(",", ":")).encode() + b"\n"


def _gone(error: OSError) -> NotRunningError:
    reason = error.strerror or str(error) or "it is silent"
    return NotRunningError(f"the daemon gives no feed: {reason}", _REMEDY)


@contextlib.contextmanager
def _address(folder: Path) -> Iterator[str]:
    """An address of the socket in `folder` that fits the 108 bytes of unix(7)."""
    descriptor = os.open(folder, os.O_PATH | os.O_DIRECTORY)
    try:
        yield f"/proc/self/fd/{descriptor}/{NAME}"
    finally:
        os.close(descriptor)
