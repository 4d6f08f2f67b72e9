"""A source and a recorder in memory, for tests of what lies between."""

import queue
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from fractions import Fraction
from types import TracebackType
from typing import Self

import numpy as np
from numpy.typing import NDArray

from anoncam.anonymizer.anonymized_frame import AnonymizedFrame
from anoncam.clock import NANOSECONDS
from anoncam.errors import StorageError
from anoncam.frames.frame import Frame, FrameFormat, FrameTime, tight

SECRET = np.random.default_rng(1).integers(16, 235, (48, 64), np.uint8)
"""The luma of every picture: what must not be recorded as it is where it is covered."""


def evenly(count: int, rate: float, start: float = 0.0) -> list[int]:
    """Timestamps of `count` frames."""
    return [round((start + number / rate) * NANOSECONDS) for number in range(count)]


def secret_format(rate: float = 30.0) -> FrameFormat:
    """The format of the secret."""
    return replace(tight(64, 48), frame_rate=Fraction(rate))


@dataclass
class MemoryCapture:
    """A capture of the secret."""

    time: FrameTime
    closed: bool = False
    error: Exception | None = None

    def copy_into(self, frame: Frame) -> None:
        """Copy the secret."""
        if self.error is not None:
            raise self.error
        frame.stamp(self.time)
        frame.luma[:] = SECRET
        for plane in frame.chroma:
            plane[:] = 128

    def close(self) -> None:
        """Remember that the buffer was given back."""
        self.closed = True


class MemorySource:
    """Gives the secret at each of `timestamps`, then ends; a live one also takes more from `feed`
    until `end`."""

    def __init__(
        self, timestamps: Iterable[int] = (), *, live: bool = False, rate: float = 30.0
    ) -> None:
        self.description = "memory"
        self.format = secret_format(rate)
        self.live = live
        self.lost = 0
        self.damaged = 0
        self.silence = 0.0
        self.closed = False
        self.captures: list[MemoryCapture] = []
        self._queue: queue.Queue[int | Exception | None] = queue.Queue()
        for timestamp in timestamps:
            self._queue.put(timestamp)
        if not live:
            self.end()

    def feed(self, *timestamps: int | Exception) -> None:
        """Capture these next; an error breaks the source there."""
        for timestamp in timestamps:
            self._queue.put(timestamp)

    def end(self) -> None:
        """Nothing comes any more."""
        self._queue.put(None)

    def read(self) -> MemoryCapture | None:
        """The next capture."""
        given = self._queue.get(timeout=60)
        if given is None or self.closed:
            return None
        if isinstance(given, Exception):
            raise given
        self.captures.append(MemoryCapture(FrameTime(given, given)))
        return self.captures[-1]

    def close(self) -> None:
        """End it."""
        self.closed = True
        self._queue.put(None)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


@dataclass
class Recorded:
    """What a recorder was given."""

    timestamp: int
    sequence: int
    luma: NDArray[np.uint8]

    @property
    def is_clear(self) -> bool:
        """Whether anything of the secret can be seen, but for what a face covers."""
        return float((self.luma == SECRET).mean()) > 0.3


@dataclass
class MemoryRecorder:
    """Keeps all frames; `meanwhile` is called for each, and the frame number `fails_at` fails."""

    fails_at: int | None = None
    meanwhile: Callable[[], object] = lambda: None
    frames: list[Recorded] = field(default_factory=list)
    finished: int = 0

    def write(self, frame: AnonymizedFrame) -> None:
        """Keep a frame."""
        self.meanwhile()
        if len(self.frames) == self.fails_at:
            raise StorageError("the disk is gone")
        luma = frame._frame.luma.copy()
        self.frames.append(Recorded(frame.timestamp, frame.sequence, luma))

    def finish(self) -> None:
        """Count how often it was finished."""
        self.finished += 1
