"""Estimate the memory that a recording needs, before it is tried."""

from dataclasses import dataclass, replace
from fractions import Fraction

from anoncam.config.schema import Config
from anoncam.frames.frame import FrameFormat, tight
from anoncam.pipeline.pool_size import pool_size

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
    small = frame_format.lores.size if frame_format.lores else 0
    size = frame_format.size + small
    pool = pool_size(float(frame_format.frame_rate), config, live=live) * size
    return MemoryNeed(pool, BASE + pool + FRAMES_BEYOND_POOL * size)
