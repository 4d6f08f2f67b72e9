"""How often a password of what is on a network may be tried."""

from anoncam.clock import NANOSECONDS, Clock

FREE = 4
"""Wrong passwords in a row before there is a wait."""

FIRST_WAIT = 30
LONGEST_WAIT = 900
"""Seconds; the wait doubles with each wrong password, up to this."""

DAY = 24 * 3600
"""Seconds after which wrong passwords are forgotten, if there were no more."""

MOST = 1000
"""Addresses that are remembered; the oldest is forgotten first."""

ALL = "all addresses together"
_FREE_FOR_ALL = 50


class LoginLimit:
    """Counts wrong passwords of each address, and of all together.

    A guesser with many addresses meets the second count. That one may keep the owner out for a
    while too, but lets less than two hundred guesses a day through until the owner logs in.
    `together` turns it off, where no owner comes to end it.
    """

    def __init__(self, clock: Clock, *, together: bool = True) -> None:
        self._clock = clock
        self._together = together
        self._failures: dict[str, tuple[int, int]] = {}

    def wait(self, address: str) -> int:
        """Seconds that this address still has to wait; 0 if it may try."""
        now = self._clock.monotonic()
        until = self._until(address, FREE)
        if self._together:
            until = max(until, self._until(ALL, _FREE_FOR_ALL))
        return max(0, -((now - until) // NANOSECONDS))

    def fail(self, address: str) -> None:
        """Count a wrong password."""
        for each in (address, ALL):
            count, _ = self._recent(each)
            self._failures.pop(each, None)
            self._failures[each] = count + 1, self._clock.monotonic()
        while len(self._failures) > MOST:
            del self._failures[next(each for each in self._failures if each != ALL)]

    def succeed(self, address: str) -> None:
        """Forget the wrong passwords of an address that knows the admin's, and those of all."""
        self._failures.pop(address, None)
        self._failures.pop(ALL, None)

    def _until(self, address: str, free: int) -> int:
        count, at = self._recent(address)
        if count <= free:
            return 0
        wait = min(LONGEST_WAIT, FIRST_WAIT << min(20, count - free - 1))
        return at + wait * NANOSECONDS

    def _recent(self, address: str) -> tuple[int, int]:
        """The wrong passwords of an address that are not forgotten, and the time of the last."""
        count, at = self._failures.get(address, (0, 0))
        return (0, 0) if self._clock.monotonic() - at >= DAY * NANOSECONDS else (count, at)
