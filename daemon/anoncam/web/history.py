"""What the daemon has reported in the last day, thinned out, for the plots."""

from collections import deque
from collections.abc import Mapping
from typing import Any

from anoncam.clock import NANOSECONDS, Clock, utc_text

INTERVAL = 60 * NANOSECONDS
MOST = 24 * 60
"""One point each minute for a day."""


class History:
    """Keeps one point each minute: of the faces the most at once since the point before."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._points: deque[Mapping[str, object]] = deque(maxlen=MOST)
        self._next = 0
        self._before: Mapping[str, int] = {}
        self._faces = 0

    def add(self, status: Mapping[str, Any], temperature: float | None) -> None:
        """Take note of a status, and of the temperature (degrees Celsius) of the machine."""
        now, counts = self._clock.monotonic(), status.get("counts") or {}
        self._faces = max(self._faces, counts.get("faces", 0))
        if now < self._next:
            return
        self._next = now + INTERVAL
        detector, recording = status.get("detector") or {}, status.get("recording") or {}
        self._points.append(
            {
                "at": utc_text(self._clock.utc()),
                "fps": status.get("fps"),
                "veiled_percent": self._veiled(counts),
                "faces": self._faces,
                "latency_ms": detector.get("latency_ms"),
                "free_bytes": recording.get("free_bytes"),
                "temperature": temperature,
            }
        )
        self._faces, self._before = 0, counts

    def _veiled(self, counts: Mapping[str, int]) -> float | None:
        """The part of the frames since the last point that is veiled, in percent."""
        if not self._before:
            return None
        recorded, veiled = (
            counts.get(key, 0) - self._before.get(key, 0) for key in ("recorded", "veiled")
        )
        # Counts begin anew with each start of the daemon.
        return round(100 * veiled / recorded, 1) if recorded > 0 <= veiled else None

    def points(self) -> list[Mapping[str, object]]:
        """All points, the oldest first."""
        return list(self._points)
