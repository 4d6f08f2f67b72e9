"""The storage thread: it does all disk work, so that a slow disk never stalls the pipeline."""

import queue
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from anoncam.clock import NANOSECONDS, Clock
from anoncam.config.schema import RetentionSettings
from anoncam.events.event import LOGGER
from anoncam.evidence.ledger_writer import LedgerWriter
from anoncam.evidence.record_contents import Content
from anoncam.evidence.segment_counters import SegmentTotals
from anoncam.files.file_system_calls import free_space
from anoncam.recording.open_segment import OpenSegment
from anoncam.recording.recordings_folder import RecordingsFolder
from anoncam.recording.retention import Retention
from anoncam.recording.storage_health import StorageHealth, StorageState
from anoncam.recording.storage_queue import Append, Command, Finish, Note, Open, StorageQueue
from anoncam.segments.uploaded import UploadBacklog

_TICK = 0.25
_RETENTION_INTERVAL = 30 * NANOSECONDS


@dataclass(frozen=True)
class StorageFacts:
    """What the status file reports of the storage.

    `frames_on_disk` counts the frames that have reached the disk since the recorder was made,
    `veiled_on_disk` those of them that are veiled, `bytes_on_disk` all bytes of their segments.
    `upload` is None where nothing is to be uploaded.
    """

    state: StorageState
    open_segment: str | None
    open_bytes: int
    last_finished: str | None
    dropped_fragments: int
    free_bytes: int | None
    frames_on_disk: int
    veiled_on_disk: int
    bytes_on_disk: int
    upload: UploadBacklog | None


class Storage:
    """Writes segments to a folder from its own thread.

    The caller opens a segment, appends its fragments and finishes it, each with the ticket that
    `open` gave. When the disk fails or cannot keep up, the segment ends at its last whole fragment
    and its ticket is void. `open` gives None until it is time to try again. At most `limit` bytes
    wait for the disk. `tick` is called a few times a second. `failed_before`: the disk has
    failed under the recorder before this one.
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
        tick: Callable[[], None],
        failed_before: bool = False,
    ) -> None:
        self._folder = folder
        self._clock = clock
        self._retention = retention
        self._retention_settings = settings
        self._evidence = evidence
        self._limit = limit
        self._tick = tick
        self._queue = StorageQueue(limit)
        self._health = StorageHealth(folder.path, clock, failed_before=failed_before)
        self._segment: OpenSegment | None = None
        self._frames = 0
        self._veiled = 0
        self._bytes = 0
        self._last_finished: str | None = None
        self._free_bytes: int | None = None
        self._prepared = False
        self._cut_failed = False
        self._retention_at = 0
        self._retention_problem = ""
        self._thread = threading.Thread(target=self._run, name="storage", daemon=True)
        self._thread.start()

    def open(self, start: datetime) -> int | None:
        """A ticket for a segment that starts at `start` (UTC); None while the disk has failed."""
        if not self._health.may_open(idle=self._queue.idle):
            return None
        return self._queue.open(start)

    def append(self, ticket: int, data: bytes, totals: SegmentTotals) -> bool:
        """Queue whole fragments, with which the segment has `totals`; False if it is lost."""
        try:
            return self._queue.append(ticket, data, totals)
        except queue.Full:
            self._health.fail(f"the disk is too slow: {self._limit} bytes are waiting for it")
            return False

    def is_lost(self, ticket: int) -> bool:
        """Whether the segment has ended early."""
        return self._queue.is_void(ticket)

    def finish(self, ticket: int) -> None:
        """Queue the end of a segment."""
        self._queue.finish(ticket)

    def note(self, content: Content) -> None:
        """Queue a record of the evidence that is no segment's."""
        self._queue.note(content)

    def drop(self) -> None:
        """Count a fragment that was not even made, since the disk has failed."""
        self._queue.drop()

    def configure(self, settings: RetentionSettings) -> None:
        """Apply new retention settings at once."""
        self._retention_settings = settings
        self._retention_at = 0
        self._queue.wake()

    def close(self, timeout: float) -> None:
        """Write what is queued, within `timeout` seconds; what is left is reported as a failure."""
        self._queue.close()
        self._thread.join(timeout)
        if self._thread.is_alive():
            self._health.fail(
                "the last fragments were not written in time; the next start salvages their segment"
            )

    @property
    def facts(self) -> StorageFacts:
        """The state of now."""
        segment = self._segment
        name, size = (None, 0) if segment is None else (segment.name, segment.size)
        return StorageFacts(
            self._health.state,
            name,
            size,
            self._last_finished,
            self._queue.dropped,
            self._free_bytes,
            self._frames,
            self._veiled,
            self._bytes,
            self._retention.backlog,
        )

    def _run(self) -> None:
        self._attempt(self._prepare)
        while True:
            command = self._queue.next(_TICK)
            if command is not None:
                self._attempt(partial(self._execute, command))
            elif self._queue.closed:
                return
            self._attempt(self._tick)
            if self._prepared and self._clock.monotonic() >= self._retention_at:
                self._retain()

    def _attempt(self, action: Callable[[], None]) -> None:
        try:
            action()
        except Exception as error:
            # Whatever it is: if this thread ended, the recording would end without a word.
            self._give_up(error)

    def _prepare(self) -> None:
        self._folder.prepare()
        self._prepared = True
        self._retain()

    def _execute(self, command: Command) -> None:
        match command:
            case Open():
                if not self._prepared:
                    self._prepare()
                file = self._folder.create(command.start)
                self._segment = OpenSegment(file, command.start, self._clock, self._evidence)
            case Append() if self._segment is not None:
                before = self._segment.totals
                self._segment.append(command.data, command.totals)
                self._bytes += len(command.data)
                self._frames += command.totals.frames - before.frames
                self._veiled += command.totals.frames_veiled - before.frames_veiled
                self._health.recover(self._queue.dropped)
                self._cut_failed = False
            case Note():
                self._evidence.note(command.content)
                self._retention_at = 0
            case Finish() if self._segment is not None:
                segment, self._segment = self._segment, None
                if segment.finish():
                    self._last_finished = segment.name
                self._retention_at = 0

    def _give_up(self, error: Exception) -> None:
        segment, self._segment = self._segment, None
        self._prepared = False
        self._health.fail(f"{self._folder.path}: {_describe(error)}")
        self._queue.abandon()
        if segment is None:
            return
        try:
            if segment.cut():
                self._last_finished = segment.name
        except OSError as problem:
            if not self._cut_failed:
                self._cut_failed = True
                reason = _describe(problem)
                LOGGER.warning("segment %s stays unfinished for now: %s", segment.name, reason)

    def _retain(self) -> None:
        self._retention_at = self._clock.monotonic() + _RETENTION_INTERVAL
        try:
            self._folder.check()
            self._retention.apply(self._retention_settings, self._evidence)
            self._evidence.settle()
            self._free_bytes = free_space(self._folder.path)
            problem = ""
        except Exception as error:
            # Recording goes on: a full disk is noticed when it is written to.
            problem = _describe(error)
        if problem and problem != self._retention_problem:
            LOGGER.warning("old segments could not be deleted: %s", problem)
        self._retention_problem = problem


def _describe(error: Exception) -> str:
    return (error.strerror if isinstance(error, OSError) else None) or repr(error)
