"""Recording gaps: each is reported by one event when it is over."""

import logging
from datetime import UTC, datetime, timedelta

from anoncam.clock import NANOSECONDS, Clock, local_text, utc_text
from anoncam.events.event import Event, emit

SHORTEST = 5.0
"""Seconds without a recorded frame that count as a recording gap."""


CLOCK_NOT_SET = datetime(2020, 1, 1, tzinfo=UTC)
"""An earlier time comes from a clock that was not set, since anoncam is younger."""


class RecordingGaps:
    """Watches the count of recorded frames, about once a second.

    `until` is when a frame was last recorded, by this run or the previous one; None if never.
    `until_monotonic` is the same by the monotonic clock; None if that was before the last boot.
    """

    def __init__(
        self, clock: Clock, until: datetime | None, until_monotonic: int | None = None
    ) -> None:
        self.until = until
        self.until_monotonic = until_monotonic
        self._clock = clock
        self._recorded = 0
        self._monotonic: int | None = None
        self._reason = "anoncam was not running"
        self._shortest = SHORTEST

    def watch(self, recorded: int | None, doing: str, silence: float = 0.0) -> None:
        """Take note of `recorded`, the frames recorded so far; None while frames are lost.

        While it does not grow, `doing` is the reason. `silence` is how many seconds the source may
        send nothing: between the frames of a slow camera there is no recording gap.
        """
        self._shortest = max(SHORTEST, silence)
        if recorded is None or recorded == self._recorded:
            if self._monotonic is not None:
                self._reason = doing
            return
        now, utc = self._clock.monotonic(), self._clock.utc()
        if self._monotonic is not None:
            self._report((now - self._monotonic) / NANOSECONDS, utc, "")
        elif self.until_monotonic is not None:
            # It is not known what the previous run recorded after its last note.
            self._report((now - self.until_monotonic) / NANOSECONDS, utc, "up to ")
        elif self.until is not None and self.until < CLOCK_NOT_SET:
            # The previous run had no valid time, so only the time since the last boot is known.
            self._report(now / NANOSECONDS, utc, "at least ")
        elif self.until is not None:
            self._report((utc - self.until).total_seconds(), utc, "up to ")
        self._recorded, self._monotonic, self.until = recorded, now, utc
        self.until_monotonic = now

    def _report(self, seconds: float, utc: datetime, about: str) -> None:
        # If the clock was set back between two runs, the length is negative and means nothing.
        if seconds < self._shortest:
            return
        since = utc - timedelta(seconds=seconds)
        lasted = f"{about}{_duration(seconds)}, since {local_text(since)}"
        text = f"nothing was recorded for {lasted}: {self._reason}"
        emit(
            Event.RECORDING_GAP,
            text,
            level=logging.WARNING,
            seconds=round(seconds, 1),
            since=utc_text(since),
            until=utc_text(utc),
            reason=self._reason,
        )


def _duration(seconds: float) -> str:
    """A duration for people: 55 s, 25 min, 3 h 20 min or 2 d 4 h."""
    minutes, hours = round(seconds / 60), round(seconds / 3600)
    if seconds < 120:
        return f"{seconds:.0f} s"
    if minutes < 60:
        return f"{minutes} min"
    if hours < 48:
        return f"{minutes // 60} h {minutes % 60} min"
    return f"{hours // 24} d {hours % 24} h"
