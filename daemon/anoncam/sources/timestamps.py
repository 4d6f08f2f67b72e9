"""Timestamps in nanoseconds that grow strictly, whatever the source says."""

from fractions import Fraction

from anoncam.clock import NANOSECONDS

_JUMP = NANOSECONDS
"""A step back by more than this is a new start of the source's clock; a smaller one is a single
wrong timestamp."""


def nanoseconds(ticks: int, time_base: Fraction) -> int:
    """`ticks` of `time_base` seconds in nanoseconds, rounded to the nearest."""
    numerator = ticks * time_base.numerator * NANOSECONDS
    return (2 * numerator + time_base.denominator) // (2 * time_base.denominator)


class Timestamps:
    """Repairs what is missing, doubled or goes back, and leaves everything else as it is.

    `interval` is the nominal time between two frames, `tick` the unit of the source's timestamps,
    in nanoseconds.
    """

    def __init__(self, interval: int, tick: int) -> None:
        self._interval = interval
        self._tick = max(tick, 1)
        self._offset = 0
        self._last: int | None = None
        self._restarted = False

    def restart(self) -> None:
        """Expect the source to begin anew: its next timestamp follows the last one at the nominal
        interval.
        """
        self._restarted = True

    def next(self, timestamp: int | None) -> int:
        """The timestamp to use for a frame that the source stamped with `timestamp`."""
        last = self._last
        if last is None:
            result = timestamp or 0
        elif timestamp is None:
            result = last + self._interval
        else:
            if self._restarted or timestamp + self._offset < last - _JUMP:
                self._offset = last + self._interval - timestamp
            result = max(timestamp + self._offset, last + self._tick)
        self._restarted = False
        self._last = result
        return result
