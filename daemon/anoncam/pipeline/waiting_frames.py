"""The frames in the look-ahead window, and how far the detector is with each."""

import math
from collections import deque
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Protocol

from anoncam.clock import NANOSECONDS
from anoncam.config.schema import Config
from anoncam.frames.chunk import chunk_end
from anoncam.frames.frame import Frame
from anoncam.motion.camera_motion import STILL, Motion
from anoncam.motion.scene_cuts import SAME_SCENE, Scene
from anoncam.tracking.coverage import Coverage

CALM = 2
"""Times by which the interval is longer while nothing new is in view."""

ALERT = round(0.1 * NANOSECONDS)
"""Nanoseconds for which the interval stays short after a result with something new: until its
motion is known."""


class FrameState(Enum):
    """How far the detector is with a frame."""

    NEW = auto()
    READING = auto()
    """Being submitted: its pixels are read, so it must not leave."""
    SUBMITTED = auto()
    INFERRED = auto()


@dataclass(eq=False)
class WaitingFrame:
    """A frame in the window. `must_infer` means that it is inferred whatever the rate.

    `arrived` is the monotonic time in nanoseconds. `scene` and `motion` are what was read from the
    raw picture; `coverage` is there once it is decided.
    """

    frame: Frame
    arrived: int
    must_infer: bool
    scene: Scene = SAME_SCENE
    motion: Motion = STILL
    state: FrameState = FrameState.NEW
    is_tracked: bool = False
    coverage: Coverage | None = None

    @property
    def timestamp(self) -> int:
        """When the frame was captured, in nanoseconds."""
        return self.frame.timestamp


@dataclass
class WaitingFrames:
    """All frames in the window, oldest first, and what a schedule needs to know.

    Times and intervals are in nanoseconds. `interval` is from one submitted frame to the next while
    something new is in view, up to `alert_until`; otherwise it is up to `CALM` times as long.
    `max_gap` is the longest that veils nothing between two results, `rate` the frames in a second.
    `sequences` are the numbers of the frames that the detector has, by timestamp. `ended_at` is
    when the source ended. `pool_is_empty` means that a file waits for a frame to leave. No result
    will come when they are `abandoned`.
    """

    frames: deque[WaitingFrame] = field(default_factory=deque)
    look_ahead: int = 0
    interval: int = 0
    max_gap: int = 0
    rate: float = 0.0
    alert_until: int = -1
    last_submitted: int | None = None
    last_sequence: int = 0
    last_result: int | None = None
    result_sequence: int = 0
    sequences: dict[int, int] = field(default_factory=dict)
    ended_at: int | None = None
    pool_is_empty: bool = False
    abandoned: bool = False

    def configure(self, config: Config) -> None:
        """Take other settings."""
        rate = config.detector.rate
        self.look_ahead = round(config.coverage.look_ahead * NANOSECONDS)
        self.interval = round(NANOSECONDS / rate) if rate else 0
        self.max_gap = round(config.detector.max_gap * NANOSECONDS)

    @property
    def wanted_interval(self) -> int:
        """The time to let pass until the next frame is inferred."""
        if self.last_result is None or self.last_result <= self.alert_until:
            return self.interval
        # A third of the times after which frames are veiled leaves room for a slow detector.
        longest = min(self.max_gap, self.look_ahead) // 3
        return max(self.interval, min(self.interval * CALM, longest))

    @property
    def longest_interval(self) -> int:
        """The same for a file, with a tenth of tolerance, and no longer than veils nothing."""
        return min(self.wanted_interval * 11 // 10, self.max_gap)

    @property
    def most_frames(self) -> int:
        """The same as a number of frames, since timestamps of files may be wrong."""
        return max(1, math.ceil(self.rate * self.longest_interval / NANOSECONDS))

    def alert(self, timestamp: int) -> None:
        """Note that the result for `timestamp` has something new, for its own chunk alone."""
        self.alert_until = min(timestamp + ALERT, chunk_end(timestamp) - 1)

    def submitted(self, frame: Frame) -> None:
        """Note that the detector has `frame`."""
        self.last_submitted, self.last_sequence = frame.timestamp, frame.sequence
        self.sequences[frame.timestamp] = frame.sequence

    def inferred(self, timestamp: int) -> int:
        """Note that there is a result for the frame of that timestamp, which may have left.

        Returns:
            Its sequence number.
        """
        for each in self.frames:
            if each.timestamp == timestamp:
                each.state = FrameState.INFERRED
        self.last_result, self.result_sequence = timestamp, self.sequences.pop(timestamp)
        return self.result_sequence

    def withdraw(self) -> None:
        """Forget what was submitted since the last result."""
        self.last_submitted, self.last_sequence = self.last_result, self.result_sequence
        self.sequences.clear()

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
