"""The one stop path: a token that every wait of the pipeline watches."""

import threading


class Stop:
    """Set once, seen by every thread.

    >>> stop = Stop()
    >>> stop.wait(0.01)
    False
    >>> stop.request()
    >>> stop.wait(60)
    True
    """

    def __init__(self) -> None:
        self._event = threading.Event()

    @property
    def requested(self) -> bool:
        """Whether the stop has been asked for."""
        return self._event.is_set()

    def request(self) -> None:
        """Ask every holder of this token to stop; asking again does nothing."""
        self._event.set()

    def wait(self, seconds: float) -> bool:
        """Wait for at most `seconds`; whether the stop was requested meanwhile."""
        return self._event.wait(seconds)
