"""How fast frames really come: cameras declare no rate, or a wrong one, and change it at night."""

from collections import deque
from itertools import islice, pairwise
from statistics import median

from anoncam.clock import NANOSECONDS

SPAN = 10 * NANOSECONDS
"""Nanoseconds of frames that count: enough that a burst after a stall is no high rate."""

_FEWEST = 10
"""Frames that always count, however old: a slow camera has few within `SPAN`."""


class FrameRate:
    """The rate of the frames of the last ten seconds, or of the last ten where those are older.

    >>> rate = FrameRate()
    >>> for number in range(26):
    ...     rate.add(number * 40_000_000)
    >>> rate.seen
    25.0
    """

    def __init__(self) -> None:
        self._arrivals: deque[int] = deque()

    def add(self, arrival: int) -> None:
        """A frame has come at `arrival` (nanoseconds), not before the frame before."""
        self._arrivals.append(arrival)
        while len(self._arrivals) > _FEWEST and arrival - self._arrivals[0] > SPAN:
            self._arrivals.popleft()

    @property
    def seen(self) -> float | None:
        """Frames per second; None before the second frame.

        Frames that came within a second count as those of a second: a stream may begin in a burst.
        """
        if len(self._arrivals) < 2:
            return None
        span = max(self._arrivals[-1] - self._arrivals[0], NANOSECONDS)
        return (len(self._arrivals) - 1) * NANOSECONDS / span

    @property
    def usual_interval(self) -> float | None:
        """The median of the last few times between two frames, in seconds; None before the second
        frame. A single pause or burst does not change it.
        """
        newest = list(islice(reversed(self._arrivals), _FEWEST))
        steps = [later - earlier for later, earlier in pairwise(newest)]
        return median(steps) / NANOSECONDS if steps else None

    @property
    def longest_interval(self) -> float:
        """The longest time between two of these frames, in seconds; 0 before the second one."""
        steps = (later - earlier for earlier, later in pairwise(self._arrivals))
        return max(steps, default=0) / NANOSECONDS
