"""Pause and restart, as a reader of the feed may ask for them, if the configuration allows it."""

from collections import deque
from collections.abc import Callable, Mapping
from typing import Any

from anoncam.clock import NANOSECONDS, Clock
from anoncam.config.schema import ControlSettings

MOST = 20
SPAN = 20 * 60
"""At most so many uses within so many seconds: each is a record in the evidence, which has a
limited size."""

Answer = Callable[[dict[str, object]], None]


class ControlRequests:
    """Does what `allowed` gives leave to; each request returns at once."""

    def __init__(
        self,
        clock: Clock,
        allowed: Callable[[], ControlSettings],
        pause: Callable[[bool, int], None],
        restart: Callable[[int], None],
    ) -> None:
        self._clock = clock
        self._allowed = allowed
        self._pause = pause
        self._restart = restart
        self._times: deque[int] = deque(maxlen=MOST)

    def pause(self, request: Mapping[str, Any], user: int, answer: Answer) -> None:
        """Pause the recording, or go on with it."""
        wanted = request["pause"]
        problem = self._problem("pause", wanted, allowed=self._allowed().pause)
        if not problem:
            self._pause(wanted, user)
        answer({"id": request.get("id"), "problem": problem})

    def restart(self, request: Mapping[str, Any], user: int, answer: Answer) -> None:
        """Restart the daemon."""
        wanted = request["restart"]
        problem = self._problem("restart", wanted, allowed=self._allowed().restart)
        answer({"id": request.get("id"), "problem": problem})
        if not problem and wanted:
            self._restart(user)

    def _problem(self, name: str, wanted: object, *, allowed: bool) -> str:
        """Why it is not done; empty if it may be."""
        if not allowed:
            return f"the configuration does not allow it: control.{name} is false"
        if not isinstance(wanted, bool):
            return f"{name} is neither true nor false"
        now = self._clock.monotonic()
        if len(self._times) == MOST and now - self._times[0] < SPAN * NANOSECONDS:
            return "it was asked for too often (try again in some minutes)"
        self._times.append(now)
        return ""
