"""One run of the uploader: everything that waits is copied, the oldest first."""

import logging
import os
import tempfile
from dataclasses import replace
from pathlib import Path

from anoncam.config.outlets import Outlets
from anoncam.errors import ConfigError, UploadError
from anoncam.events.event import Event, emit
from anoncam.evidence import sidecars
from anoncam.files.regular_file import open_regular
from anoncam.segments.segment_name import SegmentName, scan
from anoncam.segments.uploaded import UploadNote, read_note, write_note
from anoncam.upload.chain_copy import copy_chain
from anoncam.upload.rclone import Rclone
from anoncam.upload.remote_folder import RemoteFolder

_BATCH = 20
"""Segments after which the chain is copied, too: it may have 32 MB."""


class Uploader:
    """Copies the segments of `outlets.recordings`; the note of how far it is goes into `folder`.

    Raises:
        ConfigError: the configuration names no remote.
    """

    def __init__(self, outlets: Outlets, folder: Path, rclone: Rclone | None = None) -> None:
        to = outlets.upload.to
        if to is None:
            raise ConfigError("upload.to is null, so there is nothing to do", "name a remote")
        self._folder = folder
        self._recordings = Path(outlets.recordings)
        self._remote = RemoteFolder(rclone or Rclone(outlets.upload.bandwidth), to)
        self._note = read_note(folder, outlets.recordings, to)

    def run(self) -> int:
        """Upload what waits; the number of segments that were.

        A failure, and the end of it, is an event. The next run goes on where this one ended.

        Raises:
            UploadError: the remote fails.
            OSError: the recordings cannot be read, or the note cannot be written.
        """
        count = 0
        self._begin_anew_on_another_disk()
        try:
            while batch := self._waiting()[:_BATCH]:
                self._upload(batch)
                count += len(batch)
        except UploadError as error:
            if not self._note.problem:
                text = f"nothing is uploaded for now: {error}"
                emit(Event.UPLOAD_FAILED, text, level=logging.WARNING, reason=str(error))
            self._write(replace(self._note, problem=str(error)))
            raise
        return count

    def _begin_anew_on_another_disk(self) -> None:
        # Numbers only grow, and the newest segment is never deleted. Retention reads the note too.
        newest = max((each.number for each in scan(self._recordings)), default=self._note.through)
        if newest < self._note.through:
            self._write(UploadNote(self._note.recordings, self._note.to))

    def _waiting(self) -> list[SegmentName]:
        """The segments that are to be uploaded, in order.

        The evidence of the newest one is written after it; it waits for that.
        """
        finished = [each for each in scan(self._recordings) if each.finished]
        waiting = [each for each in finished if each.number > self._note.through]
        if waiting and not (self._recordings / sidecars.sidecar_of(waiting[-1])).exists():
            waiting.pop()
        return waiting

    def _upload(self, batch: list[SegmentName]) -> None:
        # In the order in which the daemon writes: a segment, then the chain, then the sidecar.
        size = sum(self._store(str(each)) for each in batch)
        through = batch[-1].number
        with tempfile.TemporaryDirectory() as scratch:
            for name in copy_chain(self._recordings, Path(scratch), through):
                self._remote.store(Path(scratch) / name, name)
        for each in batch:
            self._store(sidecars.sidecar_of(each))
        failed = self._note.problem
        self._write(replace(self._note, through=through, problem=""))
        if failed:
            emit(Event.UPLOAD_BACK, "uploads go on", reason=failed)
        text = f"{len(batch)} segments uploaded, up to {batch[-1]}"
        emit(Event.SEGMENTS_UPLOADED, text, count=len(batch), bytes=size, newest=str(batch[-1]))

    def _store(self, name: str) -> int:
        """The bytes of a file that was stored; 0 for one that retention has deleted meanwhile."""
        file = self._recordings / name
        try:
            with open_regular(file) as opened:
                size = os.fstat(opened.fileno()).st_size
            self._remote.store(file, name)
        except FileNotFoundError:
            return 0
        return size

    def _write(self, note: UploadNote) -> None:
        self._note = note
        write_note(self._folder, note)
