"""The storage thread: all that touches the disk, so that a slow or broken disk never stalls the
pipeline.
"""

import logging
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import partial

from anoncam.clock import NANOSECONDS, Clock
from anoncam.config.schema import RetentionSettings
from anoncam.events.event import LOGGER, Event, emit
from anoncam.evidence.ledger_writer import FinishedSegment, LedgerWriter
from anoncam.evidence.segment_counters import SegmentCounts
from anoncam.recording.recordings_folder import RecordingsFolder
from anoncam.recording.retention import Retention, free_space
from anoncam.segments.part_file import PartFile

_TICK = 0.25
_RETENTION_INTERVAL = 30 * NANOSECONDS
_LONGEST_BACK_OFF = 30


class StorageState(StrEnum):
    """How the disk is doing; `retrying` until the first fragment after a failure is on the disk."""

    WORKING = "working"
    FAILED = "failed"
    RETRYING = "retrying"


@dataclass(frozen=True)
class StorageFacts:
    """What a status file says of the storage."""

    state: StorageState
    open_segment: str | None
    open_bytes: int
    last_finished: str | None
    dropped_fragments: int
    free_bytes: int | None


@dataclass(frozen=True)
class _Open:
    ticket: int
    start: datetime
    data: bytes = b""


@dataclass(frozen=True)
class _Append:
    ticket: int
    data: bytes
    counted: SegmentCounts


@dataclass(frozen=True)
class _Finish:
    ticket: int
    data: bytes = b""


class Storage:
    """Writes segments to a folder from a thread of its own, through a queue of at most `limit`
    bytes.

    The caller opens a segment, appends its fragments and finishes it by the ticket that `open`
    gave. When the disk fails or cannot keep up, that segment ends at its last whole fragment and
    its ticket is void; `open` gives None until it is time to try again. `idle` is called a few
    times a second. `troubled` says that the storage before this one has failed.
    """

    def __init__(
        self,
        folder: RecordingsFolder,
        clock: Clock,
        retention: Retention,
        settings: RetentionSettings,
        evidence: LedgerWriter,
        *,
        limit: int,
        idle: Callable[[], None],
        troubled: bool = False,
    ) -> None:
        self._retention_settings = settings
        self._folder = folder
        self._evidence = evidence
        self._clock = clock
        self._retention = retention
        self._limit = limit
        self._idle = idle
        self._condition = threading.Condition()
        self._queue: deque[_Open | _Append | _Finish] = deque()
        self._queued_bytes = 0
        self._busy = True
        self._closing = False
        self._ticket = 0
        self._void = 0
        # What was told to have failed before is told to be back with the first fragment on the
        # disk.
        self._state = StorageState.RETRYING if troubled else StorageState.WORKING
        self._retry_at = 0
        self._back_off = 1
        self._dropped = 0
        self._last_finished: str | None = None
        self._free_bytes: int | None = None
        self._file: PartFile | None = None
        self._counted = SegmentCounts()
        self._started = self._ended = clock.utc()
        self._synchronized = False
        self._prepared = False
        self._retention_at = 0
        self._retention_problem = ""
        self._thread = threading.Thread(target=self._run, name="storage", daemon=True)
        self._thread.start()

    def open(self, start: datetime) -> int | None:
        """A ticket for a new segment that starts at `start` (UTC); None while the storage has
        failed.
        """
        with self._condition:
            if self._state is StorageState.FAILED:
                waiting = self._queue or self._busy or self._clock.monotonic() < self._retry_at
                if waiting:
                    return None
                self._state = StorageState.RETRYING
            self._ticket += 1
            self._put(_Open(self._ticket, start))
            return self._ticket

    def append(self, ticket: int, data: bytes, counted: SegmentCounts) -> bool:
        """Queue whole fragments, after which the segment holds what was `counted`; False if it is
        lost.
        """
        with self._condition:
            if ticket <= self._void:
                self._dropped += 1
                return False
            if self._queued_bytes + len(data) <= self._limit:
                self._put(_Append(ticket, data, counted))
                return True
            self._dropped += 1
            self._void = ticket
            # What is queued of the segment is whole, and is still written if the disk comes round.
            self._put(_Finish(ticket))
        self._fail(f"the disk is too slow: {self._limit} bytes are waiting for it")
        return False

    def is_lost(self, ticket: int) -> bool:
        """Whether the segment has ended early."""
        with self._condition:
            return ticket <= self._void

    def finish(self, ticket: int) -> None:
        """Queue the end of a segment."""
        with self._condition:
            if ticket > self._void:
                self._put(_Finish(ticket))

    def drop(self) -> None:
        """Count a fragment that was not even made, since the storage has failed."""
        with self._condition:
            self._dropped += 1

    def configure(self, settings: RetentionSettings) -> None:
        """Keep what `settings` keep, from the next moment on."""
        with self._condition:
            self._retention_settings = settings
            self._retention_at = 0
            self._condition.notify()

    def close(self, patience: float) -> None:
        """Write what is queued, for at most `patience` seconds; what is left then is told as a
        failure.
        """
        with self._condition:
            self._closing = True
            self._condition.notify()
        self._thread.join(patience)
        if self._thread.is_alive():
            self._fail(
                "the last fragments were not taken in time; the next start salvages their segment"
            )

    @property
    def facts(self) -> StorageFacts:
        """The state of this moment."""
        with self._condition:
            file = self._file
            name, size = (None, 0) if file is None else (str(file.final), file.size)
            return StorageFacts(
                self._state, name, size, self._last_finished, self._dropped, self._free_bytes
            )

    def _put(self, command: _Open | _Append | _Finish) -> None:
        self._queue.append(command)
        self._queued_bytes += len(command.data)
        self._condition.notify()

    def _run(self) -> None:
        self._attempt(self._prepare)
        while True:
            command = self._next()
            if command is not None:
                self._attempt(partial(self._execute, command))
            elif self._closing:
                return
            self._idle()
            if self._prepared and self._clock.monotonic() >= self._retention_at:
                self._retain()

    def _next(self) -> _Open | _Append | _Finish | None:
        with self._condition:
            self._busy = False
            if not self._queue and not self._closing:
                self._condition.wait(_TICK)
            if not self._queue:
                return None
            self._busy = True
            command = self._queue.popleft()
            if isinstance(command, _Append):
                command = self._with_following(command)
            self._queued_bytes -= len(command.data)
            return command

    def _with_following(self, first: _Append) -> _Append:
        """All fragments that wait: a disk that takes seconds for a sync can keep up with one sync
        for many.
        """
        appends = [first]
        while self._queue and isinstance(following := self._queue[0], _Append):
            appends.append(following)
            self._queue.popleft()
        return _Append(
            first.ticket, b"".join(append.data for append in appends), appends[-1].counted
        )

    def _attempt(self, action: Callable[[], None]) -> None:
        try:
            action()
        except (
            Exception
        ) as error:  # whatever it is, a dead thread would be a silent end of the recording
            self._give_up(error)

    def _prepare(self) -> None:
        self._folder.prepare()
        self._prepared = True
        self._retain()

    def _execute(self, command: _Open | _Append | _Finish) -> None:
        match command:
            case _Open():
                if not self._prepared:
                    self._prepare()
                self._file = self._folder.create(command.start)
                self._started, self._synchronized = command.start, self._evidence.synchronized()
            case _Append() if self._file is not None:
                self._file.append(command.data)
                self._counted, self._ended = command.counted, self._clock.utc()
                self._recover()
            case _Finish() if self._file is not None:
                file, self._file = self._file, None
                self._finish(file.finish, file)
                self._retention_at = 0

    def _finish(self, how: Callable[[], None], file: PartFile) -> None:
        how()
        if file.size == 0:
            return
        name, counted = str(file.final), self._counted
        seconds = round(counted.nanoseconds / NANOSECONDS, 3)
        self._last_finished = name
        synchronized = self._synchronized and self._evidence.synchronized()
        chain = self._evidence.finished(
            FinishedSegment(
                file.final,
                file.size,
                file.sha256,
                self._started,
                self._ended,
                synchronized,
                counted,
            )
        )
        message = (
            f"segment {name} finished: {seconds:.1f} s, {counted.frames} frames, {file.size} bytes"
        )
        size, frames = file.size, counted.frames
        emit(
            Event.SEGMENT_FINISHED,
            message,
            name=name,
            seconds=seconds,
            frames=frames,
            bytes=size,
            chain=chain,
        )

    def _give_up(self, error: Exception) -> None:
        file, self._file = self._file, None
        self._prepared = False
        with self._condition:
            self._void = self._ticket
            self._dropped += sum(isinstance(command, _Append) for command in self._queue)
            self._queue.clear()
            self._queued_bytes = 0
        self._fail(f"{self._folder.path}: {_describe(error)}")
        if file is None:
            return
        try:
            self._finish(file.cut, file)
        except OSError as problem:
            LOGGER.warning(
                "segment %s stays unfinished for now: %s", file.final, _describe(problem)
            )

    def _fail(self, reason: str) -> None:
        with self._condition:
            before, self._state = self._state, StorageState.FAILED
            if before is StorageState.FAILED:
                return
            self._back_off = (
                1 if before is StorageState.WORKING else min(2 * self._back_off, _LONGEST_BACK_OFF)
            )
            self._retry_at = self._clock.monotonic() + self._back_off * NANOSECONDS
        if before is StorageState.WORKING:
            message = f"nothing can be recorded, trying again: {reason}"
            emit(
                Event.STORAGE_FAILED,
                message,
                level=logging.ERROR,
                folder=str(self._folder.path),
                reason=reason,
            )

    def _recover(self) -> None:
        with self._condition:
            if self._state is not StorageState.RETRYING:
                return
            self._state = StorageState.WORKING
            dropped = self._dropped
        message = f"recording again; {dropped} fragments have been lost so far"
        emit(Event.STORAGE_BACK, message, folder=str(self._folder.path), dropped=dropped)

    def _retain(self) -> None:
        self._retention_at = self._clock.monotonic() + _RETENTION_INTERVAL
        try:
            self._folder.check()
            self._retention.apply(self._retention_settings, self._evidence)
            self._evidence.settle()
            self._free_bytes = free_space(self._folder.path)
            problem = ""
        except OSError as error:
            # Recording goes on: a full disk is noticed when it is written to.
            problem = _describe(error)
        if problem and problem != self._retention_problem:
            LOGGER.warning("old segments could not be deleted: %s", problem)
        self._retention_problem = problem


def _describe(error: Exception) -> str:
    return (error.strerror if isinstance(error, OSError) else None) or repr(error)
