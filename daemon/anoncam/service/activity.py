"""What the daemon does now, as status, log and systemd report it."""

from anoncam.clock import Clock
from anoncam.service.status import State


class Activity:
    """The daemon's state, the sentence that says it to people, and since when it holds.

    `since` is a time in UTC, in ISO 8601.

    >>> activity = Activity(SystemClock())
    >>> activity.enter(State.RECORDING, "recording")
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.enter(State.STARTING, "starting")

    def enter(self, state: State, doing: str) -> None:
        """Go over to another state; `doing` says it to people."""
        self.state, self.doing, self.since = state, doing, self.now()

    def now(self) -> str:
        """The time in UTC, in ISO 8601."""
        return self._clock.utc().isoformat(timespec="seconds")
