"""Decides which timestamps have results near enough: all other frames are veiled (invariant 1)."""

import math
from collections import deque

from anoncam.clock import NANOSECONDS

FEWEST_FRAMES = 3
"""Frames from one result to the next that are always covered.

A camera that has just become faster still has the low rate of the last ten seconds.
"""


class ResultTimes:
    """The timestamps of complete results, in order, with the sequence numbers of their frames.

    Two results cover the frames between them if they are near in time and in number. Number counts
    too, since a network delivers the frames of a stall all at once.

    >>> results = ResultTimes(max_gap=0.5)
    >>> results.add(0, 0)
    >>> results.add(400_000_000, 3)
    >>> results.covers(200_000_000)
    True
    """

    def __init__(self, max_gap: float) -> None:
        self._results: deque[tuple[int, int]] = deque()
        self._most_frames = FEWEST_FRAMES
        self._invalid: deque[tuple[int, int]] = deque()
        self.configure(max_gap)

    def configure(self, max_gap: float) -> None:
        """Take another `max_gap`, in seconds."""
        self._max_gap = round(max_gap * NANOSECONDS)

    def see_rate(self, rate: float) -> None:
        """Set how many frames come in a second."""
        self._most_frames = max(FEWEST_FRAMES, math.ceil(rate * self._max_gap / NANOSECONDS))

    def add(self, timestamp: int, sequence: int) -> None:
        """A complete result has come for this frame, later than all before it."""
        self._results.append((timestamp, sequence))

    def invalidate(self, first: int, last: int) -> None:
        """No result counts from `first` to `last` (nanoseconds); neither is earlier than before."""
        if self._invalid and first <= self._invalid[-1][1]:
            first = self._invalid.pop()[0]
        self._invalid.append((first, last))

    def is_invalid(self, timestamp: int) -> bool:
        """Whether `timestamp` lies in an invalidated span."""
        return any(first <= timestamp <= last for first, last in self._invalid)

    def covers(self, timestamp: int) -> bool:
        """Whether `timestamp` has a result, or lies between two that are near each other."""
        if self.is_invalid(timestamp):
            return False
        before = None
        for each in self._results:
            if each[0] == timestamp:
                return True
            if each[0] > timestamp:
                return before is not None and self._are_near(before, each)
            before = each
        return False

    def _are_near(self, before: tuple[int, int], after: tuple[int, int]) -> bool:
        return after[0] - before[0] <= self._max_gap and after[1] - before[1] <= self._most_frames

    def forget(self, before: int) -> None:
        """Drop the results that no timestamp from `before` on needs."""
        while len(self._results) > 1 and self._results[1][0] <= before:
            self._results.popleft()
        while self._invalid and self._invalid[0][1] < before:
            self._invalid.popleft()
