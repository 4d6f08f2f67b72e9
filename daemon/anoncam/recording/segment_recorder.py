"""The daemon's recorder: it encodes frames into segments and hands them to the storage thread."""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import av

from anoncam.anonymizer.anonymized_frame import AnonymizedFrame
from anoncam.clock import NANOSECONDS, Clock
from anoncam.config.schema import RecordingSettings
from anoncam.errors import StorageError
from anoncam.evidence.key_file import KeyFile
from anoncam.evidence.ledger_writer import LedgerWriter
from anoncam.evidence.provenance import Provenance
from anoncam.evidence.record_contents import Content
from anoncam.frames.frame import FrameFormat
from anoncam.frames.frame_rate import FrameRate
from anoncam.recording.encoder import EncoderChoice, choose, fall_back
from anoncam.recording.footage import Outlet
from anoncam.recording.h264_stream import LIBX264, interval
from anoncam.recording.recordings_disk import RecordingsDisk
from anoncam.recording.recordings_folder import RecordingsFolder
from anoncam.recording.retention import Retention
from anoncam.recording.segment import FRAGMENT, Segment
from anoncam.recording.storage import Storage, StorageFacts

_SMALLEST_QUEUE = 16 << 20
_QUEUE_SECONDS = 16
_CLOSE_TIMEOUT = 2.0
_LONGEST_PAUSE = 5 * NANOSECONDS


@dataclass
class _Current:
    segment: Segment
    ticket: int


class SegmentRecorder:
    """Writes segments of a set length into `folder`, and goes on whatever the disk does.

    `write`, `configure` and `finish` may be called from different threads. A failing disk raises
    nothing: it is reported as an event, and frames are dropped and counted until it is back.
    While it is `paused`, nothing is recorded, and the open segment ends.
    `provenance` is called for each frame and gives what is in force, for the evidence.
    `failed_before`: the disk has failed under the recorder before this one. `disk_note` is
    the file that remembers the disk of the folder for the next start. `key` signs the evidence.
    What is encoded goes to `outlet` too, unless the disk has failed.
    """

    def __init__(
        self,
        settings: RecordingSettings,
        frame_format: FrameFormat,
        folder: Path,
        clock: Clock,
        *,
        retention: Retention | None = None,
        provenance: Callable[[], Provenance | None] = lambda: None,
        failed_before: bool = False,
        disk_note: Path | None = None,
        key: KeyFile | None = None,
        outlet: Outlet | None = None,
    ) -> None:
        self._settings = settings
        self._format = frame_format
        self._clock = clock
        self._provenance = provenance
        self._outlet = outlet
        self._lock = threading.Lock()
        self._choice: EncoderChoice | None = choose(settings, frame_format)
        self._current: _Current | None = None
        self._finished = False
        self.paused = False
        self._last = 0
        self._last_written = 0
        self._dropped_since: int | None = None
        self._declared_interval = interval(frame_format)
        self._rate = FrameRate()
        evidence = LedgerWriter(folder, clock, key=key)
        self._storage = Storage(
            RecordingsFolder(folder, evidence, RecordingsDisk(folder, disk_note)),
            clock,
            retention or Retention(folder, clock),
            settings.retention,
            evidence,
            limit=max(_SMALLEST_QUEUE, _QUEUE_SECONDS * settings.bitrate * 1000 // 8),
            tick=self.end_stalled,
            failed_before=failed_before,
        )

    def write(self, frame: AnonymizedFrame) -> None:
        """Encode one frame into the open segment, or a new one where one is due.

        Raises:
            StorageError: libx264 itself fails, or the recorder has been finished.
        """
        with self._lock:
            if self._finished:
                raise StorageError("the recorder has been finished", "make a new one")
            if self.paused:
                self._end()
                return
            try:
                self._write(frame)
            except av.FFmpegError as error:
                self._replace_encoder(error)
                self._write(frame)

    def configure(self, settings: RecordingSettings) -> None:
        """Take over settings: retention at once, the others with the next segment."""
        with self._lock:
            if settings.encoder != self._settings.encoder:
                self._choice = None
            self._settings = settings
            self._storage.configure(settings.retention)

    def finish(self) -> None:
        """Complete the open segment and end the storage thread, within some 2 s; idempotent."""
        with self._lock:
            if self._finished:
                return
            self._finished = True
            self._end()
        self._storage.close(_CLOSE_TIMEOUT)

    def note(self, content: Content) -> None:
        """Record something in the evidence that is no segment."""
        self._storage.note(content)

    def end_stalled(self) -> None:
        """End the segment if no frame has come for a while; for the storage thread."""
        with self._lock:
            if (
                self._current is not None
                and self._clock.monotonic() - self._last_written > self._stall()
            ):
                self._end()

    @property
    def facts(self) -> StorageFacts:
        """What the status file reports of the storage."""
        return self._storage.facts

    def _write(self, frame: AnonymizedFrame) -> None:
        if self._current is not None and self._storage.is_lost(self._current.ticket):
            self._abandon(self._current)
        if self._current is not None and self._is_over(frame.timestamp):
            self._end()
        self._rate.add(frame.timestamp)
        current = self._current = self._current or self._begin(frame)
        if current is None:
            self._drop(frame.timestamp)
            return
        self._dropped_since = None
        current.segment.counters.notice(self._provenance())
        data = current.segment.write(frame)
        self._last, self._last_written = frame.timestamp, self._clock.monotonic()
        if data and not self._append(current, data):
            self._abandon(current)

    def _interval(self) -> int:
        """The usual nanoseconds from frame to frame: as seen, or else as declared."""
        seen = self._rate.usual_interval
        return self._declared_interval if seen is None else round(seen * NANOSECONDS)

    def _stall(self) -> int:
        """Nanoseconds without a frame after which the segment ends: the last second of a source
        that stalls must not stay in memory.
        """
        return max(FRAGMENT, 3 * self._interval())

    def _is_over(self, timestamp: int) -> bool:
        if self._current is None:
            return False
        # After a pause the footage goes on in a segment of its own.
        if not 0 < timestamp - self._last <= max(_LONGEST_PAUSE, self._stall()):
            return True
        length = timestamp - self._current.segment.start + self._interval() // 2
        return length >= self._settings.segment_length * NANOSECONDS

    def _begin(self, frame: AnonymizedFrame) -> _Current | None:
        ticket = self._storage.open(self._clock.utc())
        if ticket is None:
            return None
        choice = self._choice = self._choice or choose(self._settings, self._format)
        return _Current(
            Segment(
                choice.codec,
                self._format,
                self._settings.bitrate,
                start=frame.timestamp,
                interval=self._interval(),
                outlet=self._outlet,
            ),
            ticket,
        )

    def _end(self) -> None:
        current, self._current = self._current, None
        if current is None:
            return
        try:
            data = current.segment.finish()
        except av.FFmpegError as error:
            self._choice = fall_back(self._choice or EncoderChoice(LIBX264, ""), str(error))
            data = b""
        if data:
            self._append(current, data)
        self._storage.finish(current.ticket)

    def _abandon(self, current: _Current) -> None:
        self._current = None
        current.segment.abandon()

    def _append(self, current: _Current, data: bytes) -> bool:
        return self._storage.append(current.ticket, data, current.segment.totals)

    def _drop(self, timestamp: int) -> None:
        if self._dropped_since is None or abs(timestamp - self._dropped_since) >= FRAGMENT:
            self._dropped_since = timestamp
            self._storage.drop()

    def _replace_encoder(self, error: av.FFmpegError) -> None:
        choice = self._choice
        if choice is None or choice.codec == LIBX264:
            raise StorageError(
                f"{LIBX264} cannot encode: {error}", "report this with the log"
            ) from error
        current = self._current
        if current is not None:
            self._abandon(current)
            self._storage.finish(current.ticket)
        self._choice = fall_back(choice, str(error))
