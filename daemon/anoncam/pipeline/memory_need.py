"""Estimate the memory that a recording needs, before it is tried."""

from dataclasses import dataclass, replace
from fractions import Fraction

from anoncam.config.schema import Config
from anoncam.errors import InputError
from anoncam.frames.frame import FrameFormat, tight
from anoncam.pipeline.pool_size import largest_pool_size, pool_size
from anoncam.sources.file import FileSource

BASE = 160_000_000
"""Bytes of both processes without frames, with the largest model that is shipped."""

FRAMES_BEYOND_POOL = 12
"""Frames that decoder, encoder and conversions keep.

Measured at 1280x720, 1920x1080 and 3840x2160; the estimate is within 10 % of the resident memory.
"""

KEYS = (
    ("source", "width"),
    ("source", "height"),
    ("source", "fps"),
    ("coverage", "look_ahead"),
)
"""The settings from which the need follows."""


@dataclass(frozen=True)
class MemoryNeed:
    """Bytes: `pool` must be locked in memory; `total` is an estimate for both processes."""

    pool: int
    total: int


def configured_format(config: Config) -> FrameFormat | None:
    """The format of the frames by configuration; None if the source has a size of its own."""
    source = config.source
    if source.type in {"rtsp", "file"}:
        return None
    rate = Fraction(source.fps).limit_denominator(1000)
    return replace(tight(source.width, source.height), frame_rate=rate)


def memory_need(frame_format: FrameFormat, config: Config) -> MemoryNeed:
    """What a recording of frames in this format needs."""
    live = config.source.type != "file"
    return _of(frame_format, pool_size(float(frame_format.frame_rate), config, live=live))


def file_need(frame_format: FrameFormat, config: Config, *, is_picture: bool) -> int:
    """Bytes that a file with frames in this format needs, at most."""
    frames = 1 if is_picture else largest_pool_size(frame_format, config, live=False)
    return _of(frame_format, frames).total


def refuse_large(source: FileSource, config: Config) -> None:
    """Refuse a file that needs more memory than `files.max_memory`, before it is allocated.

    Raises:
        InputError: it does.
    """
    need = file_need(source.format, config, is_picture=source.is_picture)
    limit = config.files.max_memory
    if limit is not None and need > limit:
        raise InputError(
            f"{source.description} needs about {need / 1e9:.1f} GB of memory, and files.max_memory"
            f" allows {limit / 1e9:.1f} GB",
            "scale it down, lower coverage.look_ahead, or raise files.max_memory",
        )


def _of(frame_format: FrameFormat, frames: int) -> MemoryNeed:
    small = frame_format.lores.size if frame_format.lores else 0
    size = frame_format.size + small
    return MemoryNeed(frames * size, BASE + (frames + FRAMES_BEYOND_POOL) * size)
