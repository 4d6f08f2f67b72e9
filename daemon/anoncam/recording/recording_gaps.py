"""Recording gaps: each is reported by one event when it is over."""

import logging
from datetime import datetime, timedelta

from anoncam.clock import NANOSECONDS, Clock
from anoncam.events.event import Event, emit

SHORTEST = 5.0
"""Seconds without a recorded frame that count as a recording gap."""


class RecordingGaps:
    """Watches the count of recorded frames, about once a second.

    `until` is when a frame was last recorded, by this run or the previous one; None if never.
    """

    def __init__(self, clock: Clock, until: datetime | None) -> None:
        self.until = until
        self._clock = clock
        self._recorded = 0
        self._monotonic: int | None = None
        self._reason = "anoncam was not running"

    def watch(self, recorded: int | None, doing: str) -> None:
        """Take note of `recorded`, the frames recorded so far; None while frames are lost.

        While it does not grow, `doing` is the reason for the gap.
        """
        if recorded is None or recorded == self._recorded:
            if self._monotonic is not None:
                self._reason = doing
            return
        now, utc = self._clock.monotonic(), self._clock.utc()
        if self._monotonic is not None:
            self._report((now - self._monotonic) / NANOSECONDS, utc, "")
        elif self.until is not None:
            # It is not known what the previous run recorded after its last note.
            self._report((utc - self.until).total_seconds(), utc, "up to ")
        self._recorded, self._monotonic, self.until = recorded, now, utc

    def _report(self, seconds: float, utc: datetime, about: str) -> None:
        # If the clock was set back between two runs, the length is negative and means nothing.
        if seconds < SHORTEST:
            return
        since = utc - timedelta(seconds=seconds)
        start = since.isoformat(timespec="seconds")
        text = f"nothing was recorded for {about}{seconds:.0f} s, since {start}: {self._reason}"
        emit(
            Event.RECORDING_GAP,
            text,
            level=logging.WARNING,
            seconds=round(seconds, 1),
            since=start,
            until=utc.isoformat(timespec="seconds"),
            reason=self._reason,
        )
