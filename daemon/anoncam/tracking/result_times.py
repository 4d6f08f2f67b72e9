"""Which timestamps the detector's results cover: all others are veiled (invariant 1)."""

from collections import deque

from anoncam.clock import NANOSECONDS


class ResultTimes:
    """The timestamps of complete results, in order.

    >>> results = ResultTimes(max_gap=0.5)
    >>> results.add(0)
    >>> results.add(400_000_000)
    >>> results.covers(200_000_000)
    True
    """

    def __init__(self, max_gap: float) -> None:
        self._timestamps: deque[int] = deque()
        self._invalid: deque[tuple[int, int]] = deque()
        self.configure(max_gap)

    def configure(self, max_gap: float) -> None:
        """Take another `max_gap`, in seconds."""
        self._max_gap = round(max_gap * NANOSECONDS)

    def add(self, timestamp: int) -> None:
        """A complete result has come for this timestamp, later than all before it."""
        self._timestamps.append(timestamp)

    def invalidate(self, first: int, last: int) -> None:
        """No result counts from `first` to `last`; neither is earlier than before."""
        if self._invalid and first <= self._invalid[-1][1]:
            first = self._invalid.pop()[0]
        self._invalid.append((first, last))

    def is_invalid(self, timestamp: int) -> bool:
        """Whether `timestamp` lies in an invalidated span."""
        return any(first <= timestamp <= last for first, last in self._invalid)

    def covers(self, timestamp: int) -> bool:
        """Whether `timestamp` has a result, or lies between two at most `max_gap` apart."""
        if self.is_invalid(timestamp):
            return False
        before = None
        for each in self._timestamps:
            if each == timestamp:
                return True
            if each > timestamp:
                return before is not None and each - before <= self._max_gap
            before = each
        return False

    def forget(self, before: int) -> None:
        """Drop the results that no timestamp from `before` on needs."""
        while len(self._timestamps) > 1 and self._timestamps[1] <= before:
            self._timestamps.popleft()
        while self._invalid and self._invalid[0][1] < before:
            self._invalid.popleft()
