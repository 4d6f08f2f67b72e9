"""Retention: deletes segments that are too old, and the oldest ones when space is short."""

import errno
import logging
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

from anoncam.clock import Clock, is_synchronized, utc_text
from anoncam.config.schema import RetentionSettings
from anoncam.events.event import LOGGER, Event, emit
from anoncam.evidence import chain, sidecars
from anoncam.evidence.ledger_writer import LedgerWriter
from anoncam.evidence.record_contents import Deletion
from anoncam.evidence.records import Record, proof
from anoncam.files.file_system_calls import free_space
from anoncam.segments.segment_name import SegmentName, scan
from anoncam.segments.uploaded import UploadBacklog, UploadNote

_OF_ONE_FILE = {errno.EPERM, errno.EACCES, errno.EBUSY}
"""Errors of one file (it is immutable, or something is mounted on it), not of the disk."""


class Retention:
    """Deletes segments in the order of their numbers.

    The newest finished segment and the one being written always stay. `uploaded` tells which
    segments are uploaded (None: they are not to be). Later ones are deleted only for `min_free`.
    `backlog` is what waits to be uploaded, as of the last time.
    """

    def __init__(
        self,
        folder: Path,
        clock: Clock,
        *,
        synchronized: Callable[[], bool] = is_synchronized,
        free: Callable[[Path], int | None] = free_space,
        uploaded: Callable[[], UploadNote | None] = lambda: None,
    ) -> None:
        self.backlog: UploadBacklog | None = None
        self._folder = folder
        self._clock = clock
        self._synchronized = synchronized
        self._free = free
        self._uploaded = uploaded
        # The deletion of a segment is recorded once, also if it has to be tried many times.
        self._recorded: dict[SegmentName, Record | None] = {}
        self._stuck: set[SegmentName] = set()
        self._free_is_unknown = False

    def apply(self, settings: RetentionSettings, evidence: LedgerWriter) -> None:
        """Delete what `settings` no longer keep, and record it in the evidence.

        Raises:
            OSError: the folder cannot be read or written.
        """
        segments = scan(self._folder)
        note = self._uploaded()
        deletions = self._to_delete(settings, segments, note)
        self.backlog = None if note is None else self._waiting(segments, deletions, note)
        if not deletions:
            return
        # Recorded first: a crash in between leaves a segment that is deleted later. In the other
        # order, it would leave a segment that is missing without a reason.
        fresh = [each for each in deletions if each.name not in self._recorded]
        self._recorded.update(
            zip((each.name for each in fresh), evidence.deleted(fresh), strict=True)
        )
        for each in deletions:
            self._delete(each)
        sidecars.prune(self._folder, set(segments) - {each.name for each in deletions})
        evidence.settle()

    def _to_delete(
        self, settings: RetentionSettings, segments: list[SegmentName], note: UploadNote | None
    ) -> list[Deletion]:
        candidates = [segment for segment in segments if segment.finished][:-1]
        safe = {each for each in candidates if note is None or each.number <= note.through}
        total = 0 if settings.max_size is None else self._total(segments)
        deletions: list[Deletion] = []
        if settings.max_age is not None:
            reason = f"older than max_age ({settings.max_age:g} days)"
            old = self._older(
                [each for each in candidates if each in safe], timedelta(days=settings.max_age)
            )
            deletions = [Deletion(segment, self._size(str(segment)), reason) for segment in old]
            candidates = [segment for segment in candidates if segment not in set(old)]
        total -= sum(each.size for each in deletions if each.name not in self._stuck)
        # The sizes of deleted segments are added up here, because some file systems free the space
        # later.
        missing = self._missing(settings)
        for segment in candidates:
            # A segment that could not be deleted is tried again, but the next one goes as well.
            stuck = segment in self._stuck
            is_safe = segment in safe
            if is_safe and settings.max_size is not None and total > settings.max_size:
                reason = f"recordings exceed max_size ({settings.max_size} bytes)"
            elif missing > 0:
                reason = f"less than min_free ({settings.min_free} bytes) left on the disk"
                reason += "" if is_safe else "; it was not uploaded yet"
            else:
                break
            size = self._size(str(segment))
            deletions.append(Deletion(segment, size, reason, uploaded=is_safe))
            total -= 0 if stuck else deletions[-1].size
            missing -= 0 if stuck else deletions[-1].size
        return deletions

    def _waiting(
        self, segments: list[SegmentName], deletions: list[Deletion], note: UploadNote
    ) -> UploadBacklog:
        deleted = {each.name for each in deletions}
        waiting = [
            each
            for each in segments
            if each.finished and each.number > note.through and each not in deleted
        ]
        oldest = utc_text(waiting[0].start) if waiting else None
        size = sum(self._size(str(each)) for each in waiting)
        return UploadBacklog(len(waiting), size, oldest, note.problem)

    def _missing(self, settings: RetentionSettings) -> int:
        """The bytes to delete until `min_free` is met."""
        free = self._free(self._folder)
        if free is not None:
            return settings.min_free - free
        if settings.min_free and not self._free_is_unknown:
            self._free_is_unknown = True
            LOGGER.warning(
                "the file system of %s does not report its free space: recording goes on, but"
                " recording.retention.min_free has no effect",
                self._folder,
            )
        return 0

    def _older(self, segments: list[SegmentName], age: timedelta) -> list[SegmentName]:
        # A Pi without a clock chip starts in the past. By that clock, ages mean nothing.
        if not self._synchronized():
            return []
        limit = self._clock.utc() - age
        return [segment for segment in segments if segment.start < limit]

    def _delete(self, deletion: Deletion) -> None:
        name = str(deletion.name)
        try:
            (self._folder / name).unlink(missing_ok=True)
        except OSError as error:
            if error.errno not in _OF_ONE_FILE:
                raise
            if deletion.name not in self._stuck:
                self._stuck.add(deletion.name)
                LOGGER.warning("%s cannot be deleted: %s", name, error.strerror)
            return
        self._stuck.discard(deletion.name)
        size, reason, record = deletion.size, deletion.reason, self._recorded.pop(deletion.name)
        emit(
            Event.RETENTION_DELETED,
            f"{name} deleted: {reason}",
            name=name,
            reason=reason,
            bytes=size,
            chain=record and record["hash"],
            **proof(record),
        )
        if not deletion.uploaded:
            emit(
                Event.UPLOAD_MISSED,
                f"{name} was deleted before it was uploaded, since the disk is full",
                level=logging.WARNING,
                name=name,
            )

    def _total(self, segments: list[SegmentName]) -> int:
        """The bytes of all segments and of their evidence."""
        files = [
            *map(str, segments),
            *map(sidecars.sidecar_of, sidecars.scan(self._folder)),
            *chain.NAMES,
        ]
        return sum(map(self._size, files))

    def _size(self, name: str) -> int:
        try:
            return (self._folder / name).stat().st_size
        except OSError:
            # It is gone, or the disk fails there. Others can be deleted all the same.
            return 0
