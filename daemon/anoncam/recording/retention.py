"""Retention: the oldest segments go when the recordings are too big, too old, or fill the disk."""

import os
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

from anoncam.clock import Clock
from anoncam.config.schema import RetentionSettings
from anoncam.events import Event, emit
from anoncam.recording.naming import SegmentName, scan
from anoncam.recording.synchronized import is_synchronized


def free_space(folder: Path) -> int:
    """The bytes that an ordinary user may still write in `folder`."""
    facts = os.statvfs(folder)
    return facts.f_bavail * facts.f_frsize


class Retention:
    """Deletes segments by their number, oldest first; never the newest finished one, nor one being written."""

    def __init__(
        self,
        folder: Path,
        clock: Clock,
        *,
        synchronized: Callable[[], bool] = is_synchronized,
        free: Callable[[Path], int] = free_space,
    ) -> None:
        self._folder = folder
        self._clock = clock
        self._synchronized = synchronized
        self._free = free

    def apply(self, settings: RetentionSettings) -> None:
        """Delete what `settings` no longer keeps.

        Raises:
            OSError: the folder cannot be read or written.
        """
        segments = scan(self._folder)
        kept = [segment for segment in segments if segment.finished][:-1]
        total = 0 if settings.max_size is None else sum(self._size(segment) for segment in segments)
        if settings.max_age is not None:
            for segment in self._older(kept, timedelta(days=settings.max_age)):
                total -= self._delete(segment, f"older than max_age ({settings.max_age:g} days)")
                kept.remove(segment)
        # What was deleted is counted rather than asked for again: some file systems free it only later.
        missing = settings.min_free - self._free(self._folder)
        for segment in kept:
            if settings.max_size is not None and total > settings.max_size:
                reason = f"recordings exceed max_size ({settings.max_size} bytes)"
            elif missing > 0:
                reason = f"less than min_free ({settings.min_free} bytes) left on the disk"
            else:
                return
            size = self._delete(segment, reason)
            total -= size
            missing -= size

    def _older(self, segments: list[SegmentName], age: timedelta) -> list[SegmentName]:
        # A Pi without a clock chip starts in the past and would later find everything old, or nothing.
        if not self._synchronized():
            return []
        limit = self._clock.utc() - age
        return [segment for segment in segments if segment.start < limit]

    def _delete(self, segment: SegmentName, reason: str) -> int:
        size = self._size(segment)
        (self._folder / str(segment)).unlink(missing_ok=True)
        emit(Event.RETENTION_DELETED, f"{segment} deleted: {reason}", name=str(segment), reason=reason, bytes=size)
        return size

    def _size(self, segment: SegmentName) -> int:
        try:
            return (self._folder / str(segment)).stat().st_size
        except FileNotFoundError:
            return 0
