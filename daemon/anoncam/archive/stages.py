"""Does one task."""

import time
from collections.abc import Callable
from contextlib import nullcontext, suppress
from dataclasses import asdict, replace
from itertools import chain
from pathlib import Path

from anoncam.archive.at_hand import check_free, remove_unfinished, to_write
from anoncam.archive.chunk_plan import plan_chunks
from anoncam.archive.covering import cover
from anoncam.archive.cut_pictures import read_cells
from anoncam.archive.detection import detect
from anoncam.archive.doubts import Doubt, Doubts
from anoncam.archive.host import Host
from anoncam.archive.joining import join
from anoncam.archive.manifest import Entry, Stamp, hash_of, put_entry
from anoncam.archive.one_file import FileResult, anonymize_one, open_file
from anoncam.archive.task import ChunkDone, FileWork, Finished, Opened, Outcome, Stage, Task
from anoncam.archive.tracking_pass import track
from anoncam.archive.work_folder import Identity, WorkFolder
from anoncam.errors import AnoncamError, InputError, StoreError
from anoncam.frames.chunk import HISTORY, LEAD_IN
from anoncam.pipeline.memory_need import refuse_large
from anoncam.recording.video_writer import check_name
from anoncam.review.reviewing import CoverageOptions, Reviewing
from anoncam.sources.file_part import FilePart
from anoncam.sources.opened_place import opened
from anoncam.tracking.coverage import Coverage

_BEYOND = 1 << 62
"""Nanoseconds: later than the end of any file."""


def do(task: Task, host: Host) -> Outcome:
    """Do the task, which is the same whoever does it, and however often.

    Raises:
        AnoncamError: it failed.
    """
    stages: dict[Stage, Callable[[Task, Host], Outcome]] = {
        Stage.OPEN: _open,
        Stage.WHOLE: _whole,
        Stage.DETECT: _detect,
        Stage.TRACK: _track,
        Stage.COVER: _cover,
        Stage.JOIN: _join,
    }
    host.begin()
    if task.stage not in (Stage.OPEN, Stage.WHOLE):
        _refuse_changed(task)
    return stages[task.stage](task, host)


def _refuse_changed(task: Task) -> None:
    """Refuse a file that is no longer what was opened: the faces are in other places, maybe."""
    assert task.opened is not None  # noqa: S101 - only open files have chunks
    if Stamp.of(task.file.source) != task.opened.stamp:
        raise InputError(f"{task.file.source} was changed while it was read")


def _open(task: Task, host: Host) -> Opened:
    file, known = task.file, task.file.known
    settings = file.settings
    if known is not None and known.has_output() and known.is_of(file.source, settings.digest):
        # Who has noted it may have ended before its work was deleted.
        WorkFolder(file.folder).remove()
        return Opened(known.identity, result=known.result, exit_code=known.exit_code)
    # A run that was killed may have left something, and is certainly over.
    remove_unfinished(file.target)
    stamp, identity = Stamp.of(file.source), _identity(file)
    with open_file(file.source, settings.config, host.clock, host.stop, settings.rate) as source:
        source.refuse_second_video()
        refuse_large(source, settings.config)
        left_out = source.left_out(keep_audio=settings.keep_audio)
        # The rate of a raw stream is assumed: it has no times to cut it by.
        long = None if settings.rate else plan_chunks(source, settings.config)
        warnings = tuple(source.warnings)
        opened = Opened(identity, stamp, left_out, warnings, source.frames, long)
    if long is None:
        return opened
    # What would go wrong in the end is told before the work.
    check_name(file.target)
    check_free(file.target, force=_may_replace(file))
    folder = WorkFolder(file.folder)
    folder.begin(identity)
    numbers = [chunk.number for chunk in long.chunks]
    return replace(
        opened,
        seen=frozenset(number for number in numbers if folder.has_seen(number)),
        parts=frozenset(number for number in numbers if folder.counts(number) is not None),
        is_tracked=folder.summary() is not None,
    )


def _identity(file: FileWork) -> Identity:
    with opened(file.source) as media:
        size = media.size
    return Identity(size, hash_of(file.source), file.settings.digest)


def _whole(task: Task, host: Host) -> Finished:
    file, settings = task.file, task.file.settings
    reviewing = Reviewing(CoverageOptions(), settings.config.anonymizer, force=False)
    force = _may_replace(file)
    work = replace(host.work(settings), force=force)
    with to_write(file.target, force=force, stop=host.stop) as local:
        result, error = anonymize_one(
            file.source, local, work, reviewing, settings.rate, lambda _: nullcontext(host.show)
        )
        if error is not None and not isinstance(error, InputError):
            raise error
    if result.output is not None:
        result = replace(result, output=str(file.target))
    if result.error is not None:
        result = replace(result, error=result.error.replace(str(local), str(file.target)))
    return _finished(task, result, error)


def _may_replace(file: FileWork) -> bool:
    """Whether the target may be overwritten: also one that an earlier run has written."""
    return file.settings.force or (file.known is not None and file.known.has_output())


def _finished(task: Task, result: FileResult, error: AnoncamError | None) -> Finished:
    opened, output = task.opened, Stamp.of(task.file.target)
    code = 0 if error is None else error.exit_code
    if result.output is None or opened is None or opened.stamp is None or output is None:
        return Finished(result, code, None)
    target = str(task.file.target)
    entry = Entry(target, opened.stamp, opened.identity, output, result, code)
    folder = task.file.folder.parent
    if not isinstance(folder, Path):
        # Uploads take long: who has asked for it may be gone, and the output would be nobody's.
        with suppress(StoreError):
            put_entry(folder, entry)
    return Finished(result, code, entry)


def _detect(task: Task, host: Host) -> ChunkDone:
    begun = time.monotonic()
    chunk = task.long.chunks[task.chunk]
    file, config = task.file, task.file.settings.config
    with (
        host.detector(file.settings) as detector,
        FilePart(
            file.source,
            chunk.begin - HISTORY,
            _BEYOND,
            clock=host.clock,
            stop=host.stop,
            limits=config.files,
        ) as source,
    ):
        seen = detect(source, chunk, config, detector, host.stop, host.show)
    WorkFolder(file.folder).keep_seen(chunk.number, seen)
    return ChunkDone(time.monotonic() - begun)


def _track(task: Task, host: Host) -> ChunkDone:
    begun = time.monotonic()
    long = task.long
    file, config = task.file, task.file.settings.config
    folder, doubts = WorkFolder(file.folder), Doubts(long.start)
    seen = chain.from_iterable(folder.seen(chunk.number) for chunk in long.chunks)
    cells = read_cells(file.source, host.clock, host.stop, config.files)
    rows: dict[int, list[tuple[int, Coverage]]] = {chunk.number: [] for chunk in long.chunks}
    kept = 0
    for timestamp, coverage in track(seen, long.format, config, cells):
        doubts.add(timestamp, coverage)
        for chunk in long.chunks[kept:]:
            if timestamp >= chunk.end:
                folder.keep_coverage(chunk.number, rows.pop(chunk.number))
                kept += 1
            elif timestamp >= chunk.begin - LEAD_IN:
                rows[chunk.number].append((timestamp, coverage))
            else:
                break
    for number, left in rows.items():
        folder.keep_coverage(number, left)
    seconds = time.monotonic() - begun
    folder.keep_summary({"doubtful": [asdict(each) for each in doubts.lowest()]})
    return ChunkDone(seconds)


def _cover(task: Task, host: Host) -> ChunkDone:
    begun = time.monotonic()
    long, chunk = task.long, task.long.chunks[task.chunk]
    file, config = task.file, task.file.settings.config
    folder = WorkFolder(file.folder)
    with (
        to_write(folder.part(chunk.number), force=True, stop=host.stop) as part,
        FilePart(
            file.source,
            chunk.begin - LEAD_IN,
            chunk.end,
            clock=host.clock,
            stop=host.stop,
            limits=config.files,
        ) as source,
    ):
        counts = cover(
            source,
            chunk,
            long,
            folder.coverage(chunk.number),
            part,
            config,
            folder.secret,
            host.clock,
            host.stop,
            host.show,
        )
        # Only the last chunk ends with the file.
        kept = asdict(counts) | {"last_duration": source.last_duration}
    folder.keep_counts(chunk.number, kept)
    return ChunkDone(time.monotonic() - begun, kept)


def _join(task: Task, host: Host) -> Finished:
    begun = time.monotonic()
    long, opened = task.long, task.opened
    assert opened is not None  # noqa: S101 - it is long
    file, settings = task.file, task.file.settings
    folder = WorkFolder(file.folder)
    counts = [folder.counts(chunk.number) or {} for chunk in long.chunks]
    force = _may_replace(file)
    with to_write(file.target, force=force, stop=host.stop) as local:
        join(
            file.source,
            long,
            [folder.part(chunk.number) for chunk in long.chunks],
            local,
            last_duration=counts[-1]["last_duration"],
            keep_audio=settings.keep_audio,
            force=force,
            limits=settings.config.files,
            stop=host.stop,
        )
    summary = folder.summary() or {"doubtful": []}
    result = FileResult(
        str(file.source),
        str(file.target),
        sum(each["frames"] for each in counts),
        sum(each["faces"] for each in counts),
        sum(each["veiled"] for each in counts),
        left_out=opened.left_out,
        warnings=list(opened.warnings),
        doubtful=[Doubt(**each) for each in summary["doubtful"]],
        seconds=time.monotonic() - begun,
    )
    return _finished(task, result, None)
