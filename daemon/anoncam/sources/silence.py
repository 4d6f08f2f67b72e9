"""How long a camera may send nothing before it counts as lost."""

from anoncam.frames.frame_rate import FrameRate

SHORTEST = 5.0
"""Seconds that every camera may be silent: a network or a keyframe may take that long."""

_INTERVALS = 3
"""Times the longest recent interval that a slow camera may be silent."""

_FEWEST = 3
"""Frames that show what is usual."""


class Silence:
    """Follows the rate that is seen, up to a limit.

    `limit` (seconds) is in force until three frames have come, and never exceeded.

    >>> Silence(15).seconds
    15
    """

    def __init__(self, limit: float) -> None:
        self._limit = limit
        self._rate = FrameRate()
        self._frames = 0

    def end(self, arrival: int) -> None:
        """A frame has come at `arrival` (nanoseconds), not before the frame before."""
        self._rate.add(arrival)
        self._frames += 1

    @property
    def seconds(self) -> float:
        """How long the silence after the newest frame may last."""
        if self._frames < _FEWEST:
            return self._limit
        return min(self._limit, max(SHORTEST, _INTERVALS * self._rate.longest_interval))
