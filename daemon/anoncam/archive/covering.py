"""Covers and encodes one chunk, whose coverage is known."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from anoncam.anonymizer.anonymized_frame import AnonymizedFrame
from anoncam.anonymizer.anonymizer import Anonymizer
from anoncam.archive.chunk_plan import Chunk, LongFile
from anoncam.archive.part_writer import PartWriter
from anoncam.clock import Clock, Stop
from anoncam.config.schema import Config
from anoncam.errors import InputError, StoppedError
from anoncam.frames.frame import Frame
from anoncam.pipeline.counters import Counters
from anoncam.pipeline.pipeline import Pipeline
from anoncam.sources.source import Source
from anoncam.tracking.coverage import Coverage

NOT_TRACKED = "the tracking pass has not seen this frame"


@dataclass(frozen=True)
class PartCounts:
    """What a part holds: `faces` counts boxes in frames."""

    frames: int
    faces: int
    veiled: int


def cover(
    source: Source,
    chunk: Chunk,
    file: LongFile,
    coverage: Mapping[int, Coverage],
    target: Path,
    config: Config,
    secret: bytes,
    clock: Clock,
    stop: Stop,
    show: Callable[[int], None] = lambda _frames: None,
) -> PartCounts:
    """Write the frames of the chunk, covered, to `target`.

    `source` begins with the lead-in and ends with the chunk. `coverage` is by timestamp. All chunks
    of a file have the same `secret`, so that no square changes where they are joined.

    Raises:
        InputError: the file cannot be read in chunks.
        StorageError: the part cannot be written.
        StoppedError: the stop was requested.
    """

    def decide(frame: Frame, _veiled: Coverage) -> Coverage:
        return coverage.get(frame.timestamp, Coverage(veil=NOT_TRACKED))

    with PartWriter(
        target, file.format, file.time_base, start=file.start, begin=chunk.begin
    ) as part:
        Pipeline(
            source,
            _Shown(part, show),
            Anonymizer(config.anonymizer, secret),
            None,
            config,
            Counters(),
            clock,
            stop,
            decide,
        ).run()
        if stop.requested:
            raise StoppedError("stopped")
        if part.frames != chunk.frames:
            raise InputError("its chunks have other frames than its index says")
        part.commit()
        return PartCounts(part.frames, part.faces, part.veiled)


class _Shown:
    """A part whose number of frames is shown."""

    def __init__(self, part: PartWriter, show: Callable[[int], None]) -> None:
        self._part = part
        self._show = show

    def write(self, frame: AnonymizedFrame) -> None:
        self._part.write(frame)
        self._show(self._part.frames)

    def finish(self) -> None:
        self._part.finish()
