"""What the daemon has reported in the last day, thinned out, for the plots."""

from collections import deque
from collections.abc import Mapping
from typing import Any

from anoncam.clock import NANOSECONDS, Clock, utc_text

INTERVAL = 60 * NANOSECONDS
MOST = 24 * 60
"""One point each minute for a day."""


class History:
    """Keeps one point of the status each minute: what changes slowly enough to be plotted."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._points: deque[Mapping[str, object]] = deque(maxlen=MOST)
        self._next = 0

    def add(self, status: Mapping[str, Any], temperature: float | None) -> None:
        """Take note of a status, and of the temperature (degrees Celsius) of the machine."""
        now = self._clock.monotonic()
        if now < self._next:
            return
        self._next = now + INTERVAL
        detector, recording = status.get("detector") or {}, status.get("recording") or {}
        self._points.append(
            {
                "at": utc_text(self._clock.utc()),
                "fps": status.get("fps"),
                "latency_ms": detector.get("latency_ms"),
                "free_bytes": recording.get("free_bytes"),
                "temperature": temperature,
            }
        )

    def points(self) -> list[Mapping[str, object]]:
        """All points, the oldest first."""
        return list(self._points)
