"""The segment that the storage thread writes: its file, what is counted in it, its evidence."""

from collections.abc import Callable
from datetime import datetime

from anoncam.clock import NANOSECONDS, Clock
from anoncam.events.event import Event, emit
from anoncam.evidence.ledger_writer import LedgerWriter
from anoncam.evidence.record_contents import FinishedSegment
from anoncam.evidence.records import proof
from anoncam.evidence.segment_counters import SegmentTotals
from anoncam.segments.part_file import PartFile


class OpenSegment:
    """A segment that starts at `start` (UTC); `totals` are those of what has reached the disk.

    Every method raises OSError when the disk fails.
    """

    def __init__(
        self, file: PartFile, start: datetime, clock: Clock, evidence: LedgerWriter
    ) -> None:
        self._file = file
        self._start = start
        self._clock = clock
        self._evidence = evidence
        self._synchronized = evidence.synchronized()
        self.totals = SegmentTotals()
        self._end = start

    @property
    def name(self) -> str:
        """The final name of the file."""
        return str(self._file.final)

    @property
    def size(self) -> int:
        """The bytes on the disk."""
        return self._file.size

    def append(self, data: bytes, totals: SegmentTotals) -> None:
        """Write whole fragments, with which the segment has `totals`."""
        self._file.append(data)
        self.totals, self._end = totals, self._clock.utc()

    def finish(self) -> bool:
        """Give the file its final name; False if nothing was written and there is no file."""
        return self._finish(self._file.finish)

    def cut(self) -> bool:
        """Finish with what was written before an append failed."""
        return self._finish(self._file.cut)

    def _finish(self, finish_file: Callable[[], None]) -> bool:
        finish_file()
        file, totals = self._file, self.totals
        if file.size == 0:
            return False
        record = self._evidence.finished(
            FinishedSegment(
                file.final,
                file.size,
                file.sha256,
                self._start,
                self._end,
                self._synchronized and self._evidence.synchronized(),
                totals,
            )
        )
        seconds = round(totals.nanoseconds / NANOSECONDS, 3)
        length = f"{seconds:.1f} s, {totals.frames} frames, {file.size} bytes"
        emit(
            Event.SEGMENT_FINISHED,
            f"segment {self.name} finished: {length}",
            name=self.name,
            seconds=seconds,
            frames=totals.frames,
            bytes=file.size,
            chain=record and record["hash"],
            **proof(record),
        )
        return True
