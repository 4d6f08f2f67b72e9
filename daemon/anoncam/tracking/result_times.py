"""Which moments the detector's answers cover: all others are veiled (invariant 1)."""

from collections import deque

from anoncam.clock import NANOSECONDS


class ResultTimes:
    """The moments of complete answers, in order.

    >>> examination = ResultTimes(max_gap=0.5)
    >>> examination.add(0)
    >>> examination.add(400_000_000)
    >>> examination.covers(200_000_000)
    True
    """

    def __init__(self, max_gap: float) -> None:
        self._moments: deque[int] = deque()
        self._spoiled: deque[tuple[int, int]] = deque()
        self.configure(max_gap)

    def configure(self, max_gap: float) -> None:
        """Take another `max_gap`, in seconds."""
        self._max_gap = round(max_gap * NANOSECONDS)

    def add(self, timestamp: int) -> None:
        """A complete answer has come for this moment, later than all before it."""
        self._moments.append(timestamp)

    def invalidate(self, first: int, last: int) -> None:
        """No answer counts from `first` to `last`; neither is earlier than before."""
        if self._spoiled and first <= self._spoiled[-1][1]:
            first = self._spoiled.pop()[0]
        self._spoiled.append((first, last))

    def is_invalid(self, timestamp: int) -> bool:
        """Whether `spoil` has named this moment."""
        return any(first <= timestamp <= last for first, last in self._spoiled)

    def covers(self, timestamp: int) -> bool:
        """Whether an answer is for this very moment, or two answers at most `max_gap` apart lie
        around it.
        """
        if self.is_invalid(timestamp):
            return False
        before = None
        for moment in self._moments:
            if moment == timestamp:
                return True
            if moment > timestamp:
                return before is not None and moment - before <= self._max_gap
            before = moment
        return False

    def forget(self, before: int) -> None:
        """Drop the answers that no moment from `before` on needs."""
        while len(self._moments) > 1 and self._moments[1] <= before:
            self._moments.popleft()
        while self._spoiled and self._spoiled[0][1] < before:
            self._spoiled.popleft()
