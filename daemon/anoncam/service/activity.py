"""What the daemon does now, as status, log and systemd report it."""

from anoncam.clock import Clock, local_text, utc_text
from anoncam.service.status import State


class Activity:
    """The daemon's state, a sentence on it for people, and the time at which it began.

    `since` is a time for machines.

    >>> activity = Activity(SystemClock())
    >>> activity.enter(State.RECORDING, "recording")
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.enter(State.STARTING, "starting")

    def enter(self, state: State, doing: str) -> None:
        """Go over to another state; `doing` is a sentence on it for people."""
        self.state, self.doing, self.since = state, doing, self.now()

    def now(self) -> str:
        """The time for machines."""
        return utc_text(self._clock.utc())

    def local_now(self) -> str:
        """The time for people."""
        return local_text(self._clock.utc())
