"""One clock for all packets: those of the feed begin anew with each segment."""

from anoncam.clock import NANOSECONDS

SLACK = NANOSECONDS // 2
"""How far the time of a packet may be from its arrival, before the clock is set anew."""


class Timeline:
    """Gives each packet a time that goes on evenly, in nanoseconds, near its arrival.

    Times between two packets are those of the encoder. At the start of a segment the time goes on
    by the time between the two packets before. After a pause, or where the clocks drift apart, the
    arrival counts.
    """

    def __init__(self) -> None:
        self._offset: int | None = None
        self._interval = 0
        self._last_given = 0
        self._last = 0

    def place(self, given: int, arrival: int, *, begins: bool) -> int:
        """The time of a packet whose time in its segment is `given`; `begins` a segment or not."""
        if self._offset is None:
            self._offset = arrival - given
        elif begins or given <= self._last_given:
            self._offset = self._last + self._interval - given
        else:
            self._interval = given - self._last_given
        if abs(given + self._offset - arrival) > SLACK:
            self._offset = max(arrival, self._last + 1) - given
        self._last_given, self._last = given, given + self._offset
        return self._last
