"""Salvage after a crash: unfinished segments are cut to their last whole fragment and finished."""

import fcntl
import logging
import os
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from anoncam.events.event import LOGGER, Event, emit
from anoncam.evidence.ledger_writer import LedgerWriter
from anoncam.segments.mp4_boxes import whole_length
from anoncam.segments.part_file import sync_folder
from anoncam.segments.segment_name import SegmentName


def salvage(folder: Path, segments: Iterable[SegmentName], evidence: LedgerWriter) -> None:
    """Finish or delete each unfinished segment, unless another process is writing it.

    Raises:
        OSError: the disk failed.
    """
    leftovers = [segment for segment in segments if not segment.finished]
    for segment in leftovers:
        try:
            _salvage_one(folder, segment, evidence)
        except OSError as error:
            # Recording goes on even if one file cannot be read.
            LOGGER.warning("%s cannot be salvaged for now: %s", segment, error.strerror or error)
    if leftovers:
        sync_folder(folder)


def _salvage_one(folder: Path, segment: SegmentName, evidence: LedgerWriter) -> None:
    path, final = folder / str(segment), replace(segment, finished=True)
    with path.open("r+b") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return
        length = os.fstat(file.fileno()).st_size
        whole = whole_length(file, length)
        if whole == 0:
            path.unlink()
            message = f"{path.name} held no whole fragment and was deleted"
            emit(
                Event.SEGMENT_SALVAGED,
                message,
                level=logging.WARNING,
                name=None,
                bytes=0,
                lost=length,
            )
            return
        file.truncate(whole)
        os.fsync(file.fileno())
        path.rename(folder / str(final))
    message = f"{final} was left unfinished; its {whole} bytes of whole fragments were kept"
    emit(
        Event.SEGMENT_SALVAGED,
        message,
        level=logging.WARNING,
        name=str(final),
        bytes=whole,
        lost=length - whole,
        chain=evidence.salvaged(final),
    )
