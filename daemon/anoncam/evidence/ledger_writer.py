"""The ledger writer: it turns what the storage thread did into records and sidecars."""

import hashlib
from collections import deque
from collections.abc import Callable, Sequence
from pathlib import Path

from anoncam import __version__
from anoncam.clock import Clock, is_synchronized
from anoncam.events.event import LOGGER
from anoncam.evidence import record_contents, sidecars
from anoncam.evidence.chain import Chain
from anoncam.evidence.key_file import KeyFile
from anoncam.evidence.record_contents import Content, Deletion, FinishedSegment, timestamp
from anoncam.evidence.records import Kind, Record
from anoncam.files.regular_file import open_regular
from anoncam.segments.segment_name import SegmentName, parse

MOST_SALVAGED = 10
"""Segments without a record that are recorded at one start, since each has to be read whole. A
crash leaves one."""

_MOST_PENDING = 1000


class LedgerWriter:
    """Writes the chain and the sidecars of one folder; for one thread.

    Evidence never stops a recording. What the disk does not take is logged once and appended later.
    `newest` is the highest number of a segment in the evidence, 0 before `prepare`. With `key`,
    every record is signed, and what cannot be signed waits.
    """

    def __init__(
        self,
        folder: Path,
        clock: Clock,
        *,
        synchronized: Callable[[], bool] = is_synchronized,
        chain: Chain | None = None,
        key: KeyFile | None = None,
    ) -> None:
        self.synchronized = synchronized
        self._folder = folder
        self._clock = clock
        self._chain = chain or Chain(folder)
        self._key = key
        self._pending: deque[Content] = deque(maxlen=_MOST_PENDING)
        self._failed = False
        self.newest = 0
        self._device: int | None = None
        self._last_sequence: int | None = None

    def prepare(self, segments: Sequence[SegmentName], device: int | None = None) -> None:
        """Begin the chain if there is none, and record what a crash has left unrecorded.

        With `device`, nothing is written from now on unless the folder is on that device.
        """
        self._device = device
        finished = [segment for segment in segments if segment.finished]
        try:
            head = self._chain.head()
            if head is None:
                newest = max((segment.number for segment in finished), default=0)
                self._append([record_contents.begun(newest)])
                return
            self.newest = max(self.newest, head["newest_segment"])
            sidecars.clear(self._folder)
            self._complete_sidecar(head)
        except OSError as error:
            self._log_failure(error)
            return
        self.settle()
        if not self._pending:
            unrecorded = [segment for segment in finished if segment.number > self.newest]
            for segment in unrecorded[-MOST_SALVAGED:]:
                self.salvaged(segment)

    def finished(self, segment: FinishedSegment) -> Record | None:
        """Record a finished segment; its record, None while it cannot be written."""
        totals, last = segment.totals, self._last_sequence
        lost = 0 if last is None else max(0, totals.first - last - 1)
        self._last_sequence = totals.last
        return self._record(record_contents.finished(segment, lost))

    def salvaged(self, name: SegmentName) -> Record | None:
        """Record a segment that a crash left; its record, None as in `finished`."""
        try:
            size, sha256 = _read(self._folder / str(name))
        except OSError as error:
            self._log_failure(error)
            return None
        return self._record(record_contents.salvaged(name, size, sha256))

    def deleted(self, deletions: Sequence[Deletion]) -> list[Record | None]:
        """Record deletions before they are done; the record of each, None as in `finished`."""
        if not deletions:
            return []
        records = self._append([record_contents.deleted(deletion) for deletion in deletions])
        return [*records[-len(deletions) :]] or [None] * len(deletions)

    def note(self, content: Content) -> None:
        """Have something recorded that is no segment's, with the next `settle` or record."""
        self._pending.append({**content, **self._written()})

    def settle(self) -> None:
        """Append what could not be appended before."""
        self._append([])

    def _record(self, content: Content) -> Record | None:
        records = self._append([content])
        return records[-1] if records else None

    def _append(self, contents: Sequence[Content]) -> list[Record]:
        """Append what is pending and `contents`; the records, or none if the disk takes none."""
        written = self._written()
        self._pending.extend({**content, **written} for content in contents)
        if not self._pending:
            return []
        try:
            # The key is read each time, so that a new one counts from the next record on.
            signers = self._key.signers() if self._key else None
            records = self._chain.append(list(self._pending), self._device, signers)
            self._pending.clear()
            if self._key is not None and signers is not None and signers.replaced is not None:
                self._key.introduced()
            self.newest = max(self.newest, records[-1]["newest_segment"])
            for record in records:
                if record["kind"] in (Kind.FINISHED, Kind.SALVAGED):
                    sidecars.write(self._folder, record, self._device)
        except OSError as error:
            self._log_failure(error)
            return [] if self._pending else records
        if self._failed:
            self._failed = False
            LOGGER.info("evidence is recorded again in %s", self._folder)
        return records

    def _written(self) -> dict[str, str]:
        return {"written": timestamp(self._clock.utc()), "software": f"anoncam {__version__}"}

    def _complete_sidecar(self, head: Record) -> None:
        """Write the sidecar of the last record, if a crash came before it."""
        if head["kind"] in (Kind.FINISHED, Kind.SALVAGED):
            name = parse(str(head.get("segment")))
            if name is not None and not (self._folder / sidecars.sidecar_of(name)).exists():
                sidecars.write(self._folder, head, self._device)

    def _log_failure(self, error: OSError) -> None:
        if not self._failed:
            self._failed = True
            reason = error.strerror or error
            LOGGER.warning("evidence cannot be recorded in %s for now: %s", self._folder, reason)


def _read(path: Path) -> tuple[int, str]:
    """Size and SHA-256 of a file."""
    with open_regular(path) as file:
        digest = hashlib.file_digest(file, "sha256")
        return file.tell(), digest.hexdigest()
