"""Frames for tests that need no camera, no detector and no anonymizer."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from fractions import Fraction

import numpy as np

from anoncam.anonymizer import anonymized_frame as _anonymized
from anoncam.anonymizer.anonymized_frame import AnonymizedFrame
from anoncam.clock import NANOSECONDS
from anoncam.frames.frame import Frame, FrameFormat, FrameTime, lay_out, tight
from anoncam.frames.pool import FramePool
from anoncam.tracking.coverage import Coverage

NOTHING_COVERED = Coverage()


def as_anonymized(frame: Frame, coverage: Coverage = NOTHING_COVERED) -> AnonymizedFrame:
    """`frame` as if the anonymizer had made it; only tests may do this."""
    return AnonymizedFrame(frame, coverage, _anonymized._MAKERS_KEY)


def paint(frame: Frame, timestamp: int) -> None:
    """A picture that moves with its timestamp: a bar 8 columns wide on a gradient, bright above and
    dark below."""
    width, height = frame.format.width, frame.format.height
    frame.stamp(FrameTime(timestamp, timestamp))
    frame.luma[:] = np.linspace(200, 60, height, dtype=np.uint8)[:, None]
    start = timestamp * 30 // NANOSECONDS * 2 % max(1, width - 8)
    frame.luma[:, start : start + 8] = 235
    for plane, value in zip(frame.chroma, (90, 160), strict=False):
        plane[:] = value


def blank(frame_format: FrameFormat) -> Frame:
    """A frame of its own memory, not of a pool."""
    buffer = np.full((frame_format.rows, frame_format.stride), 128, np.uint8)
    picture = lay_out(buffer, frame_format)
    return Frame(frame_format, picture.buffer, picture.luma, picture.chroma)


def moving(frame_format: FrameFormat, timestamp: int) -> AnonymizedFrame:
    """An anonymized frame of the moving picture."""
    frame = blank(frame_format)
    paint(frame, timestamp)
    return as_anonymized(frame)


def small_format(rate: int = 10, rotation: int = 0) -> FrameFormat:
    """64x48 pixels, quick to encode."""
    return replace(tight(64, 48), frame_rate=Fraction(rate), rotation=rotation)


class FakeClock:
    """A clock that stands still until it is moved."""

    def __init__(self, start: datetime = datetime(2026, 7, 14, 9, 15, tzinfo=UTC)) -> None:
        self.nanoseconds = 0
        self._start = start

    def monotonic(self) -> int:
        """The nanoseconds that the clock was moved."""
        return self.nanoseconds

    def utc(self) -> datetime:
        """The time at the start, and what it was moved since."""
        return self._start + timedelta(microseconds=self.nanoseconds // 1000)

    def advance(self, seconds: float) -> None:
        """Let time go by."""
        self.nanoseconds += round(seconds * NANOSECONDS)


def pooled(frame_format: FrameFormat) -> Frame:
    """A frame that a process which decodes can write to."""
    frame = FramePool(frame_format, 1).acquire()
    assert frame is not None
    return frame
