"""Decides which chunks a long file is worked on in, from its packets alone."""

from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

from anoncam.clock import NANOSECONDS
from anoncam.config.schema import Config
from anoncam.errors import InputError
from anoncam.frames.chunk import CHUNK, HISTORY, chunk_of
from anoncam.frames.frame import FrameFormat
from anoncam.motion.scene_cuts import LASTING
from anoncam.pipeline.pool_size import SPARE_FRAMES, largest_pool_size
from anoncam.pipeline.waiting_frames import WaitingFrames
from anoncam.sources.file import FileSource
from anoncam.sources.process.questions import packet_times, read_header

FEWEST_CHUNKS = 2
"""A file with fewer is worked on as a whole."""

_LONGEST_PAUSE = 10 * NANOSECONDS
"""A longer step may be a jump of the clock, which only a look at the whole file can tell."""


@dataclass(frozen=True)
class Chunk:
    """A span of the file's own time, from `begin` to before `end` (nanoseconds)."""

    number: int
    begin: int
    end: int
    frames: int


@dataclass(frozen=True)
class LongFile:
    """What all chunks of a file have in common; `start` is in nanoseconds."""

    format: FrameFormat
    time_base: Fraction
    start: int
    chunks: tuple[Chunk, ...]

    @property
    def frames(self) -> int:
        """The number of frames."""
        return sum(chunk.frames for chunk in self.chunks)


def is_long(path: Path, config: Config) -> bool:
    """Whether a file is long enough for chunks, as its header says."""
    try:
        header = read_header(path, config.files)
    except InputError:
        return False
    return header.has_index and _has_chunks(header.seconds)


def _has_chunks(seconds: float) -> bool:
    return seconds * NANOSECONDS >= FEWEST_CHUNKS * CHUNK


def plan_chunks(source: FileSource, config: Config) -> LongFile | None:
    """The chunks of an open file; None if it is to be worked on as a whole.

    That is so if it is short, or if only a look at all of it can tell its frames' times or cuts.
    """
    if source.is_picture or not _has_chunks(source.duration or 0.0):
        return None
    times = _times(source)
    if times is None or _is_too_fast(times, source.format, config):
        return None
    counts: dict[int, int] = {}
    for time in times:
        counts[chunk_of(time)] = counts.get(chunk_of(time), 0) + 1
    chunks = tuple(
        Chunk(place, number * CHUNK, (number + 1) * CHUNK, count)
        for place, (number, count) in enumerate(counts.items())
    )
    if len(chunks) < FEWEST_CHUNKS or not all(_knows_cuts(times, chunk.begin) for chunk in chunks):
        return None
    return LongFile(source.format, source.time_base, source.start, chunks)


def _times(source: FileSource) -> list[int] | None:
    """The times of all frames in nanoseconds, in order; None if they are not to be trusted."""
    place = source.place
    try:
        if not read_header(place, source.limits).has_index:
            return None
        times = sorted(packet_times(place, source.limits))
    except InputError:
        # It is told when the file is read as a whole.
        return None
    steps = [after - before for before, after in pairwise(times)]
    return times if steps and min(steps) > 0 and max(steps) <= _LONGEST_PAUSE else None


def _is_too_fast(times: list[int], picture: FrameFormat, config: Config) -> bool:
    """Whether more frames wait for results than the pool of a file may hold: some leave early."""
    most = largest_pool_size(picture, config, live=False) - SPARE_FRAMES
    # A result may be just too early for a frame, and the next one as late as can be.
    waiting = WaitingFrames(last_result=0)
    waiting.configure(config)
    span = waiting.look_ahead + waiting.longest_interval
    return any(after - before < span for before, after in zip(times, times[most:], strict=False))


def _knows_cuts(times: list[int], begin: int) -> bool:
    """Whether the history of a chunk that begins at `begin` shows all cuts that matter in it.

    Those are cuts of which it was not certain at the last frame before it. Each is known by the two
    frames before it.
    """
    first, following = bisect_left(times, begin - HISTORY), bisect_left(times, begin)
    return not first or bisect_right(times, times[following - 1] - LASTING) - first >= 2
