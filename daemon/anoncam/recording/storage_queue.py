"""The queue from the recorder to the storage thread, bounded in bytes."""

import queue
import threading
from collections import deque
from dataclasses import dataclass
from datetime import datetime

from anoncam.evidence.record_contents import Content
from anoncam.evidence.segment_counters import SegmentTotals


@dataclass(frozen=True)
class Open:
    """Begin the segment of `ticket`, which starts at `start` (UTC)."""

    ticket: int
    start: datetime


@dataclass(frozen=True)
class Append:
    """Append whole fragments; `totals` are those of the segment with them."""

    ticket: int
    data: bytes
    totals: SegmentTotals


@dataclass(frozen=True)
class Finish:
    """End the segment of `ticket`."""

    ticket: int


@dataclass(frozen=True)
class Note:
    """Record something in the evidence that is no segment."""

    content: Content


Command = Open | Append | Finish | Note


class StorageQueue:
    """Commands in order, with at most `limit` bytes of fragments; for two threads.

    A ticket stands for one segment. It is void when its segment has ended early, and then takes no
    more commands.
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._condition = threading.Condition()
        self._commands: deque[Command] = deque()
        self._bytes = 0
        # The storage thread prepares the folder before it takes the first command.
        self._busy = True
        self._closed = False
        self._ticket = 0
        self._void = 0
        self._dropped = 0

    @property
    def idle(self) -> bool:
        """Whether nothing is queued and nothing is being written."""
        with self._condition:
            return not self._commands and not self._busy

    @property
    def closed(self) -> bool:
        """Whether no more commands will come."""
        return self._closed

    @property
    def queued_bytes(self) -> int:
        """The bytes of the fragments that wait."""
        return self._bytes

    @property
    def dropped(self) -> int:
        """Fragments that were lost before they reached the disk."""
        return self._dropped

    def open(self, start: datetime) -> int:
        """Queue a new segment; its ticket."""
        with self._condition:
            self._ticket += 1
            self._put(Open(self._ticket, start))
            return self._ticket

    def append(self, ticket: int, data: bytes, totals: SegmentTotals) -> bool:
        """Queue whole fragments; False if the ticket is void.

        Raises:
            queue.Full: there is no room. The ticket is now void.
        """
        with self._condition:
            if ticket <= self._void:
                self._dropped += 1
                return False
            if self._bytes + len(data) <= self._limit:
                self._bytes += len(data)
                self._put(Append(ticket, data, totals))
                return True
            self._dropped += 1
            self._void = ticket
            # What is queued of the segment is whole. It is still written if the disk recovers.
            self._put(Finish(ticket))
        raise queue.Full

    def finish(self, ticket: int) -> None:
        """Queue the end of a segment, unless its ticket is void."""
        with self._condition:
            if ticket > self._void:
                self._put(Finish(ticket))

    def note(self, content: Content) -> None:
        """Queue a record of the evidence."""
        with self._condition:
            self._put(Note(content))

    def drop(self) -> None:
        """Count a fragment that was not even made."""
        with self._condition:
            self._dropped += 1

    def is_void(self, ticket: int) -> bool:
        """Whether the segment has ended early."""
        with self._condition:
            return ticket <= self._void

    def wake(self) -> None:
        """End the wait of the storage thread."""
        with self._condition:
            self._condition.notify()

    def close(self) -> None:
        """Announce that no more commands will come."""
        with self._condition:
            self._closed = True
            self._condition.notify()

    def next(self, timeout: float) -> Command | None:
        """The next command, or None if there is none within `timeout` seconds."""
        with self._condition:
            self._busy = False
            if not self._commands and not self._closed:
                self._condition.wait(timeout)
            if not self._commands:
                return None
            self._busy = True
            command = self._commands.popleft()
            return self._merged(command) if isinstance(command, Append) else command

    def abandon(self) -> None:
        """Drop all commands but notes, and make all tickets void."""
        with self._condition:
            self._void = self._ticket
            self._dropped += sum(isinstance(command, Append) for command in self._commands)
            notes = [command for command in self._commands if isinstance(command, Note)]
            self._commands = deque(notes)
            self._bytes = 0

    def _put(self, command: Command) -> None:
        self._commands.append(command)
        self._condition.notify()

    def _merged(self, first: Append) -> Append:
        """All fragments that wait, so that a slow disk needs one sync for many."""
        appends = [first]
        while self._commands and isinstance(following := self._commands[0], Append):
            appends.append(following)
            self._commands.popleft()
        data = b"".join(append.data for append in appends)
        self._bytes -= len(data)
        return Append(first.ticket, data, appends[-1].totals)
