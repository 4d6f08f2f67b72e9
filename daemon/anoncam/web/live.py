"""Passes the feed on to the browsers: one reader for all of them, and one queue for each."""

import asyncio
import logging
from collections import deque
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from anoncam.clock import Clock
from anoncam.errors import FeedError, NotRunningError
from anoncam.feed.client import AsyncFeedReader
from anoncam.feed.machine import temperature
from anoncam.feed.protocol import Kind, Message
from anoncam.web.history import History

RETRY = 1.0
"""Seconds before the feed is opened again."""

MOST_EVENTS = 200
_LONGEST_QUEUE = 12
"""Messages that wait for a browser; footage that does not fit is lost to it."""

_ALWAYS = frozenset({Kind.STATUS, Kind.EVENT})


class Viewer:
    """A browser that watches; `footage` is the kind of pictures that it shows."""

    def __init__(self, footage: Kind) -> None:
        self.footage = footage
        self.queue: asyncio.Queue[Message] = asyncio.Queue(_LONGEST_QUEUE)
        self.had_init: Message | None = None

    def put(self, message: Message, init: Message | None) -> None:
        """Queue a message, unless this browser is too slow for it."""
        needed = [message]
        if message.kind == Kind.FRAGMENT and init is not None and init is not self.had_init:
            needed.insert(0, init)
        if self.queue.qsize() + len(needed) > _LONGEST_QUEUE:
            return
        for each in needed:
            self.queue.put_nowait(each)
        if len(needed) > 1:
            self.had_init = init


class Live:
    """Reads the feed as long as it runs.

    `folder` is the runtime folder of the daemon. `status` is the newest, None without a daemon;
    `last_status` stays when the daemon has ended.
    """

    def __init__(self, folder: Path, clock: Clock) -> None:
        self.status: Mapping[str, Any] | None = None
        self.last_status: Mapping[str, Any] | None = None
        self.history = History(clock)
        self.events: deque[Mapping[str, Any]] = deque(maxlen=MOST_EVENTS)
        self.folder = folder
        self._viewers: set[Viewer] = set()
        self._reader: AsyncFeedReader | None = None
        self._init: Message | None = None
        self._answers: dict[int, asyncio.Future[Mapping[str, Any]]] = {}
        self._numbers = 0

    async def run(self) -> None:
        """Read the feed, again and again, until cancelled."""
        while True:
            try:
                self._reader = await AsyncFeedReader.connect(self.folder, _ALWAYS)
                # Browsers may have come in the meantime.
                self._ask()
                async for message in self._reader.messages():
                    self._take(message)
            except (NotRunningError, FeedError) as error:
                logging.getLogger(__name__).debug("%s", error)
            except Exception:
                # Without this reader, the page would say for ever that nothing is recorded.
                logging.getLogger(__name__).exception("a message of the feed is not understood")
            finally:
                await self._lose()
            await asyncio.sleep(RETRY)

    @property
    def viewers(self) -> int:
        """How many browsers watch."""
        return len(self._viewers)

    def add(self, viewer: Viewer) -> None:
        """Let a browser watch."""
        self._viewers.add(viewer)
        self._ask()

    def remove(self, viewer: Viewer) -> None:
        """Forget a browser."""
        self._viewers.discard(viewer)
        self._ask()

    async def request(self, facts: dict[str, object], timeout: float) -> Mapping[str, Any]:
        """Ask the daemon for something; its answer.

        Raises:
            NotRunningError: it does not answer.
        """
        if self._reader is None:
            raise NotRunningError("the daemon does not run", "start it")
        self._numbers += 1
        number = self._numbers
        future: asyncio.Future[Mapping[str, Any]] = asyncio.get_running_loop().create_future()
        self._answers[number] = future
        try:
            self._reader.send({**facts, "id": number})
            async with asyncio.timeout(timeout):
                return await future
        except TimeoutError as error:
            raise NotRunningError("the daemon does not answer", "try again") from error
        finally:
            del self._answers[number]

    def _take(self, message: Message) -> None:
        match message.kind:
            case Kind.INIT:
                self._init = message
                return
            case Kind.STATUS:
                status = self.status = self.last_status = message.facts["status"]
                self.history.add(status, temperature())
            case Kind.EVENT:
                self.events.append(message.facts["event"])
            case Kind.ANSWER:
                future = self._answers.get(message.facts.get("id", 0))
                if future is not None and not future.done():
                    future.set_result(message.facts)
                return
        for viewer in self._viewers:
            if message.kind in _ALWAYS or message.kind == viewer.footage:
                viewer.put(message, self._init)

    async def _lose(self) -> None:
        reader, self._reader = self._reader, None
        if reader is None:
            return
        await reader.close()
        self._init, self.status = None, None
        gone = Message(Kind.STATUS, {"status": None})
        for viewer in self._viewers:
            viewer.had_init = None
            viewer.put(gone, None)

    def _wants(self) -> frozenset[Kind]:
        return _ALWAYS | {viewer.footage for viewer in self._viewers}

    def _ask(self) -> None:
        if self._reader is not None:
            self._reader.send({"want": sorted(self._wants())})
