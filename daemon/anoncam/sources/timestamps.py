"""Repairs the timestamps of a source, so that each is later than the one before."""

from fractions import Fraction

from anoncam.clock import NANOSECONDS

_JUMP = NANOSECONDS
"""Nanoseconds. A longer step back means that the source's clock has started anew.

A shorter one is a single wrong timestamp.
"""


def nanoseconds(ticks: int, time_base: Fraction) -> int:
    """Convert `ticks` of `time_base` seconds to nanoseconds, rounded to the nearest."""
    numerator = ticks * time_base.numerator * NANOSECONDS
    return (2 * numerator + time_base.denominator) // (2 * time_base.denominator)


class Timestamps:
    """Repairs timestamps that are missing, doubled or go back, and leaves all others as they are.

    `interval` is the nominal time between two frames. `tick` is the unit of the source's
    timestamps. Both are in nanoseconds.
    """

    def __init__(self, interval: int, tick: int) -> None:
        self._interval = interval
        self._tick = max(tick, 1)
        self._offset = 0
        self._last: int | None = None
        self._restarted = False

    def restart(self) -> None:
        """Let the next timestamp follow the last one at the nominal interval, whatever it is."""
        self._restarted = True

    def next(self, timestamp: int | None) -> int:
        """Return the timestamp to use for a frame that the source stamped with `timestamp`."""
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
