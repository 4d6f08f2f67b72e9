"""Repairs the timestamps of a file, so that each frame is later than the one before."""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from statistics import median

from anoncam.clock import NANOSECONDS

_CATCH_UP = Fraction(1, 5)
"""Seconds by which repaired timestamps may be ahead; past it, they stay ahead."""

_STEPS = 15
"""How many of the last good steps say what the usual interval is."""


def nanoseconds(ticks: int, time_base: Fraction) -> int:
    """Convert `ticks` of `time_base` seconds to nanoseconds, rounded to the nearest."""
    numerator = ticks * time_base.numerator * NANOSECONDS
    return (2 * numerator + time_base.denominator) // (2 * time_base.denominator)


@dataclass(frozen=True)
class Part:
    """A stretch of a file with one clock.

    The file's own time plus `offset` (ticks) is the repaired time. `begin` is the repaired time of
    its first frame, and `jump` the step (ticks) of the file's own time that led to it.
    """

    begin: int
    offset: int
    jump: int = 0


class Timestamps:
    """Repairs timestamps that are missing, stand still or jump, and leaves all others as they are.

    All times are in ticks of the file's time base, which is `time_base` seconds. `interval` is the
    nominal time between two frames. A step of more than `longest_pause` is a jump to another clock,
    unless the next step is as long, or `is_pause` says of the file's times before and after it that
    the file goes on between them. After a jump the frames keep their own pace.

    `parts` are the stretches with one clock each, `repaired` counts the frames that have got
    another time than the file says, `first_repaired` is the time before the first of them.
    """

    def __init__(
        self,
        interval: int,
        time_base: Fraction,
        longest_pause: int,
        is_pause: Callable[[int, int], bool] = lambda _, __: False,
    ) -> None:
        self._nominal = max(interval, 1)
        self._catch_up = int(_CATCH_UP / time_base)
        self._longest_pause = longest_pause
        self._is_pause = is_pause
        self._steps: deque[int] = deque(maxlen=_STEPS)
        self._last: int | None = None
        self._last_stamp: int | None = None
        self._restarted = False
        self.parts: list[Part] = [Part(0, 0)]
        self.repaired = 0
        self.first_repaired: int | None = None

    @property
    def usual(self) -> int:
        """The median of the last good steps, or the nominal interval before there is one."""
        return max(1, int(median(self._steps))) if self._steps else self._nominal

    @property
    def upcoming(self) -> int:
        """When the next frame is due at the usual interval."""
        return 0 if self._last is None else self._last + self.usual

    def restart(self) -> None:
        """Let the next timestamp follow the last one at the usual interval, whatever it is."""
        self._restarted = True

    def next(self, stamp: int | None, following: int | None = None) -> int:
        """Return the timestamp for a frame with `stamp`; `following` is the stamp after it."""
        if self._last is None:
            result = stamp or 0
        elif stamp is None:
            result = self._last + self.usual
        elif self._restarted:
            result = self._join(stamp, 0)
        else:
            result = self._repair(stamp, following, self._last)
        self._restarted = False
        self._last = result
        self._last_stamp = self._last_stamp if stamp is None else stamp
        return result

    def _repair(self, stamp: int, following: int | None, last: int) -> int:
        offset = self.parts[-1].offset
        previous = last - offset if self._last_stamp is None else self._last_stamp
        step = stamp + offset - last
        # In a file of few frames an hour, the next step is as long.
        is_usual = following is not None and following - stamp > step / 2
        if step > 0 and (
            step <= self._longest_pause or is_usual or self._is_pause(previous, stamp)
        ):
            self._steps.append(step)
            return last + step
        self.first_repaired = last if self.first_repaired is None else self.first_repaired
        self.repaired += 1
        after = None if following is None else following + offset - last
        if after is not None and 0 < after <= self._longest_pause and not 0 < step <= after:
            # This timestamp alone is wrong, or doubled: the next one is right again.
            return last + max(1, min(after // 2, self.usual))
        if step > 0:
            return self._join(stamp, stamp - previous)
        if stamp == previous:
            return last + self.usual
        if stamp > previous and last - stamp - offset < self._catch_up:
            return last + max(1, self.usual // 2)
        return self._join(stamp, stamp - previous)

    def _join(self, stamp: int, jump: int) -> int:
        assert self._last is not None  # noqa: S101 - there is no part before the first frame
        begin = self._last + self.usual
        self.parts.append(Part(begin, begin - stamp, jump))
        return begin
