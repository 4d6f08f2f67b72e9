"""The time of live footage: the stream's own clock, slaved to the arrival of its frames.

A camera's clock may run slowly, stand still or leap. So no decision uses it. It only smooths the
time that is written into the footage, as a jitter buffer does.
"""

import logging
from dataclasses import dataclass

from anoncam.clock import NANOSECONDS
from anoncam.events.event import Event, emit
from anoncam.frames.frame import FrameTime

TOLERANCE = round(0.2 * NANOSECONDS)
"""How far footage may be off the arrival of its frames. Networks deliver this unevenly."""

LEAP = 2 * TOLERANCE
"""How far off a frame must be to count as a leap of the stream's clock. The jitter of this frame
and of the one that anchored the clock adds up to less."""

SETTLING = 5 * NANOSECONDS
"""The time constant with which the difference between stream and arrival is averaged.

It follows the skew of a quartz, and leaves out the jitter of a network.
"""

RATE_SPAN = 5 * NANOSECONDS
"""How long the speed of the stream's clock is measured before it is judged."""

RATE_ERROR = 0.1
"""How far its speed may be off. Real clocks are a thousand times better, but a span may begin or
end with a late frame."""

BEGINNING = 2 * NANOSECONDS
"""How long the clock is not judged: libav shifts its timestamps with the first report of the sender
(RFC 3550, 6.4), which says what they mean."""

CALM = 60 * NANOSECONDS
"""How long the clock must have been right for its trouble to be over."""

_STEP = NANOSECONDS // 1000
"""The least time between two frames of the footage."""


class StreamClock:
    """Turns the stamps of a live stream into the presentation times of the footage.

    Footage runs at the speed of the world. Its times grow by at least a millisecond from frame to
    frame. They differ from arrival by at most `TOLERANCE`, and by these milliseconds in a burst.
    `description` names the stream in events.

    >>> clock = StreamClock("the yard")
    >>> clock.next(arrival=50_000_000_000, stamp=0).presentation
    50000000000
    >>> clock.next(arrival=50_047_000_000, stamp=40_000_000).presentation
    50040065800
    """

    def __init__(self, description: str) -> None:
        self._offset: int | None = None
        self._last: FrameTime | None = None
        self._faults = _Faults(description)

    def next(self, arrival: int, stamp: int | None) -> FrameTime:
        """The times of a frame.

        `arrival` is when it came, by the monotonic clock and not before the frame before. `stamp`
        is what the stream states, None where it states nothing. Both are nanoseconds.
        """
        last = self._last or FrameTime(-1, -_STEP)
        # Two frames may come at once, but each has a timestamp of its own.
        arrival = max(arrival, last.arrival + 1)
        presentation = arrival
        if stamp is not None:
            presentation = self._slaved(arrival, stamp, arrival - last.arrival)
        self._last = FrameTime(arrival, max(presentation, last.presentation + _STEP))
        return self._last

    def _slaved(self, arrival: int, stamp: int, elapsed: int) -> int:
        self._faults.watch(arrival, stamp)
        if self._offset is None:
            self._offset = arrival - stamp
        error = arrival - stamp - self._offset
        if abs(error) > LEAP:
            self._offset += error
        elif abs(error) > TOLERANCE:
            self._offset += error - (TOLERANCE if error > 0 else -TOLERANCE)
        else:
            self._offset += error * min(elapsed, SETTLING) // SETTLING
        return stamp + self._offset


@dataclass(frozen=True)
class _Pair:
    """When a frame came, and the time that the stream stated for it; nanoseconds."""

    arrival: int
    stamp: int

    @property
    def delay(self) -> int:
        return self.arrival - self.stamp


class _Faults:
    """Reports in one event that the stream's clock is wrong, and in one that it is right again."""

    def __init__(self, description: str) -> None:
        self._description = description
        self._before: _Pair | None = None
        self._step = 0
        self._began = 0
        self._span_start = 0
        self._fastest: _Pair | None = None
        self._fastest_before: _Pair | None = None
        self._count = 0
        self._last = 0

    def watch(self, arrival: int, stamp: int) -> None:
        now, before = _Pair(arrival, stamp), self._before
        self._before = now
        self._began = self._began or arrival
        if before is None or arrival - self._began < BEGINNING:
            self._span_start = arrival
            self._fastest = now
            return
        # A decoder may give out a frame only when the next one comes, so it may be late by one.
        late, self._step = self._step, arrival - before.arrival
        fault = _leap(before, now, LEAP + max(late, self._step)) or self._wrong_speed(now)
        if fault:
            self._report(fault, arrival)
        elif self._count and arrival - self._last > CALM:
            text = f"the clock of {self._description} is right again, after {self._count} faults"
            emit(Event.STREAM_CLOCK_BACK, text, faults=self._count)
            self._count = 0

    def _wrong_speed(self, now: _Pair) -> str:
        """What is wrong with the speed over the last two spans; of each, the least delayed frame
        counts, since a delay is no fault of the clock.
        """
        if self._fastest is None or now.delay < self._fastest.delay:
            self._fastest = now
        if now.arrival - self._span_start < RATE_SPAN:
            return ""
        before, after = self._fastest_before, self._fastest
        self._span_start, self._fastest_before, self._fastest = now.arrival, after, None
        if before is None or after.arrival - before.arrival < RATE_SPAN // 4:
            return ""
        speed = (after.stamp - before.stamp) / (after.arrival - before.arrival)
        if abs(speed - 1) <= RATE_ERROR:
            return ""
        return "stands still" if abs(speed) < 0.001 else f"runs at {speed:.2f} times its speed"

    def _report(self, fault: str, arrival: int) -> None:
        if not self._count:
            text = f"the clock of {self._description} {fault}: the time of arrival is used instead"
            emit(Event.STREAM_CLOCK_WRONG, text, level=logging.WARNING, fault=fault)
        self._count += 1
        self._last = arrival
        # A leap does not show the speed.
        self._fastest = self._fastest_before = None


def _leap(before: _Pair, now: _Pair, tolerance: int) -> str:
    """What is wrong with the step from one frame to the next; empty where nothing is."""
    step = now.stamp - before.stamp
    if step < 0:
        return f"went back by {-step / NANOSECONDS:.1f} s"
    ahead = before.delay - now.delay
    return f"leapt ahead by {ahead / NANOSECONDS:.1f} s" if ahead > tolerance else ""
