"""The frames in the look-ahead window, and how far the detector is with each."""

from collections import deque
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Protocol

from anoncam.clock import NANOSECONDS
from anoncam.config.schema import Config
from anoncam.frames.frame import Frame


class FrameState(Enum):
    """How far the detector is with a frame."""

    NEW = auto()
    READING = auto()
    """Being submitted: its pixels are read, so it must not leave."""
    SUBMITTED = auto()
    INFERRED = auto()


@dataclass(eq=False)
class WaitingFrame:
    """A frame in the window. `must_infer` tells that the detector must see it, whatever its rate.

    `arrived` is the monotonic time in nanoseconds.
    """

    frame: Frame
    arrived: int
    must_infer: bool
    state: FrameState = FrameState.NEW

    @property
    def timestamp(self) -> int:
        """When the frame was captured, in nanoseconds."""
        return self.frame.timestamp


@dataclass
class WaitingFrames:
    """All frames in the window, oldest first, and what a schedule needs to know.

    Times and intervals are in nanoseconds. `interval` is from one submitted frame to the next;
    `longest_interval` is the longest that veils nothing between two results of a file. `ended_at`
    is when the source ended. `pool_is_empty` tells that a file waits for a frame to leave. No
    result will come when they are `abandoned`.
    """

    frames: deque[WaitingFrame] = field(default_factory=deque)
    look_ahead: int = 0
    interval: int = 0
    longest_interval: int = 0
    last_submitted: int | None = None
    last_result: int | None = None
    ended_at: int | None = None
    pool_is_empty: bool = False
    abandoned: bool = False

    def configure(self, config: Config) -> None:
        """Take other settings."""
        rate = config.detector.rate
        self.look_ahead = round(config.coverage.look_ahead * NANOSECONDS)
        self.interval = round(NANOSECONDS / rate) if rate else 0
        max_gap = round(config.detector.max_gap * NANOSECONDS)
        self.longest_interval = min(self.interval * 11 // 10, max_gap)

    @property
    def is_under_way(self) -> bool:
        """Whether the detector has a frame, and no result for it yet."""
        states = (FrameState.READING, FrameState.SUBMITTED)
        return any(each.state in states for each in self.frames)

    def find(self, timestamp: int, state: FrameState) -> WaitingFrame:
        """The frame of that timestamp, which is in that state."""
        return next(
            each for each in self.frames if each.timestamp == timestamp and each.state is state
        )


class Schedule(Protocol):
    """Decides which frame the detector gets next, and when the oldest one may leave."""

    def next_to_infer(self, waiting: WaitingFrames) -> WaitingFrame | None:
        """The frame to submit now; `waiting` has one at least."""
        ...

    def may_leave(self, waiting: WaitingFrames) -> bool:
        """Whether the oldest frame may leave before there are results for its whole look-ahead."""
        ...

    def wait_time(self, waiting: WaitingFrames, /) -> float:
        """Seconds after which to look again whether the oldest frame may leave."""
        ...
