"""Salvage after a crash: unfinished segments are cut to their last whole fragment and finished."""

import logging
import os
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from anoncam.events.event import Event, emit
from anoncam.evidence.ledger_writer import LedgerWriter
from anoncam.evidence.records import proof
from anoncam.files.file_system_calls import lock, open_in, sync_file, sync_folder, unlock
from anoncam.segments.mp4_boxes import whole_length
from anoncam.segments.segment_name import SegmentName


def salvage(
    folder: Path, segments: Iterable[SegmentName], evidence: LedgerWriter
) -> dict[SegmentName, str]:
    """Finish or delete each unfinished segment, unless it is being written.

    Returns:
        The segments for which this failed, with the reasons.

    Raises:
        OSError: the disk failed.
    """
    leftovers = [segment for segment in segments if not segment.finished]
    problems: dict[SegmentName, str] = {}
    for segment in leftovers:
        try:
            _salvage_one(folder, segment, evidence)
        except OSError as error:
            # Recording goes on even if one file cannot be read.
            problems[segment] = error.strerror or str(error)
    if leftovers:
        sync_folder(folder)
    return problems


def _salvage_one(folder: Path, segment: SegmentName, evidence: LedgerWriter) -> None:
    path, final = folder / str(segment), replace(segment, finished=True)
    with os.fdopen(open_in(folder, path.name, os.O_RDWR, None), "r+b") as file:
        try:
            lock(file.fileno(), path, wait=False)
        except BlockingIOError:
            return
        try:
            length = os.fstat(file.fileno()).st_size
            whole = whole_length(file, length)
            if whole:
                file.truncate(whole)
                sync_file(file.fileno(), path)
                path.rename(folder / str(final))
            else:
                path.unlink()
        finally:
            unlock(file.fileno())
    if not whole:
        message = f"{path.name} held no whole fragment and was deleted"
        level = logging.WARNING
        emit(Event.SEGMENT_SALVAGED, message, level=level, name=None, bytes=0, lost=length)
        return
    message = f"{final} was left unfinished; its {whole} bytes of whole fragments were kept"
    record = evidence.salvaged(final)
    emit(
        Event.SEGMENT_SALVAGED,
        message,
        level=logging.WARNING,
        name=str(final),
        bytes=whole,
        lost=length - whole,
        chain=record and record["hash"],
        **proof(record),
    )
