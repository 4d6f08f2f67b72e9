"""The keeper of the evidence: what the storage thread tells it becomes records and sidecars."""

import hashlib
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from anoncam import __version__
from anoncam.clock import NANOSECONDS, Clock, is_synchronized
from anoncam.events.event import LOGGER
from anoncam.evidence import sidecars
from anoncam.evidence.chain import Chain
from anoncam.evidence.records import Kind, Record
from anoncam.evidence.segment_counters import SegmentTotals
from anoncam.segments.segment_name import SegmentName, parse

MOST_SALVAGED = 10
"""Segments without a record that are taken in at a start: a crash leaves one, and each has to be
read whole."""

_MOST_PENDING = 1000


@dataclass(frozen=True)
class FinishedSegment:
    """A segment that was recorded to its end; times are wall-clock times in UTC."""

    name: SegmentName
    size: int
    sha256: str
    started: datetime
    ended: datetime
    synchronized: bool
    totals: SegmentTotals


@dataclass(frozen=True)
class Deletion:
    """A segment that retention deletes."""

    name: SegmentName
    size: int
    reason: str


class LedgerWriter:
    """Keeps the chain and the sidecars of one folder; for one thread.

    Evidence never stops a recording: what the disk does not take is told in one line of the log,
    and appended later. `newest` is the highest number of a segment that it tells of, 0 before
    `prepare`.
    """

    def __init__(
        self,
        folder: Path,
        clock: Clock,
        *,
        synchronized: Callable[[], bool] = is_synchronized,
        chain: Chain | None = None,
    ) -> None:
        self.synchronized = synchronized
        self._folder = folder
        self._clock = clock
        self._chain = chain or Chain(folder)
        self._pending: deque[Mapping[str, object]] = deque(maxlen=_MOST_PENDING)
        self._failed = False
        self.newest = 0
        self._last_sequence: int | None = None

    def prepare(self, segments: Sequence[SegmentName]) -> None:
        """Begin the chain where there is none, and take in what a crash has kept from it."""
        finished = [segment for segment in segments if segment.finished]
        try:
            head = self._chain.head()
            if head is None:
                newest = max((segment.number for segment in finished), default=0)
                self._append([self._content(Kind.BEGUN, newest_segment=newest)])
                return
            self.newest = max(self.newest, head["newest_segment"])
            sidecars.clear(self._folder)
            self._complete_sidecar(head)
        except OSError as error:
            self._complain(error)
            return
        self.settle()
        if not self._pending:
            newest = self.newest
            for segment in [segment for segment in finished if segment.number > newest][
                -MOST_SALVAGED:
            ]:
                self.salvaged(segment)

    def finished(self, segment: FinishedSegment) -> str | None:
        """Record a segment under its final name; the hash of its record, None while that cannot be
        written.
        """
        totals = segment.totals
        lost = 0 if self._last_sequence is None else max(0, totals.first - self._last_sequence - 1)
        self._last_sequence = totals.last
        return self._record(
            Kind.FINISHED,
            segment=str(segment.name),
            bytes=segment.size,
            sha256=segment.sha256,
            started=_moment(segment.started),
            ended=_moment(segment.ended),
            clock_synchronized=segment.synchronized,
            seconds=round(totals.nanoseconds / NANOSECONDS, 3),
            frames=totals.frames,
            frames_veiled=sum(totals.veils.values()),
            frames_veiled_because=dict(totals.veils),
            faces_covered=totals.faces,
            frames_missing=totals.missing + lost,
            gaps=totals.gaps + bool(lost),
            provenance=[{"from_frame": frame, **each.facts()} for frame, each in totals.provenance],
            newest_segment=segment.name.number,
        )

    def salvaged(self, name: SegmentName) -> str | None:
        """Record a segment that a crash left without a record; what was counted in it is not
        known.
        """
        try:
            size, sha256 = _read(self._folder / str(name))
        except OSError as error:
            self._complain(error)
            return None
        return self._record(
            Kind.SALVAGED,
            segment=str(name),
            bytes=size,
            sha256=sha256,
            started=_moment(name.start),
            remark="found after a crash; how many frames and faces it holds, and how many were veiled, is not known",
            newest_segment=name.number,
        )

    def deleted(self, deletions: Sequence[Deletion]) -> list[str | None]:
        """Record deletions, before they are done; the hash of each record, None while they cannot
        be written.
        """
        contents = [
            self._content(Kind.DELETED, segment=str(each.name), bytes=each.size, reason=each.reason)
            for each in deletions
        ]
        records = self._append(contents)
        hashes: list[str | None] = [record["hash"] for record in records[-len(contents) :]]
        return hashes or [None] * len(contents)

    def settle(self) -> None:
        """Append what could not be appended before."""
        self._append([])

    def _record(self, kind: Kind, **facts: object) -> str | None:
        records = self._append([self._content(kind, **facts)])
        return records[-1]["hash"] if records else None

    def _content(self, kind: Kind, **facts: object) -> Mapping[str, object]:
        return {
            "kind": kind,
            **facts,
            "written": _moment(self._clock.utc()),
            "software": f"anoncam {__version__}",
        }

    def _append(self, contents: Sequence[Mapping[str, object]]) -> list[Record]:
        """Append what is pending and `contents`; the records, none of them if the disk does not
        take them now.
        """
        self._pending.extend(contents)
        if not self._pending:
            return []
        try:
            records = self._chain.append(list(self._pending))
            self._pending.clear()
            self.newest = max(self.newest, records[-1]["newest_segment"])
            for record in records:
                if record["kind"] in (Kind.FINISHED, Kind.SALVAGED):
                    sidecars.write(self._folder, record)
        except OSError as error:
            self._complain(error)
            return [] if self._pending else records
        if self._failed:
            self._failed = False
            LOGGER.info("evidence is kept again in %s", self._folder)
        return records

    def _complete_sidecar(self, head: Record) -> None:
        """Write the sidecar that a crash has cut off: it comes right after its record."""
        if head["kind"] in (Kind.FINISHED, Kind.SALVAGED):
            name = parse(str(head.get("segment")))
            if name is not None and not (self._folder / sidecars.sidecar_of(name)).exists():
                sidecars.write(self._folder, head)

    def _complain(self, error: OSError) -> None:
        if not self._failed:
            self._failed = True
            LOGGER.warning(
                "evidence cannot be kept in %s for now: %s", self._folder, error.strerror or error
            )


def _read(path: Path) -> tuple[int, str]:
    """Size and SHA-256 of a file."""
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256")
        return file.tell(), digest.hexdigest()


def _moment(time: datetime) -> str:
    return time.isoformat(timespec="milliseconds")
