"""SIGINT (Ctrl-C) and SIGTERM in commands that have to tidy up before they end."""

import signal

from anoncam.clock import Stop


def stop_on_signals() -> Stop:
    """A stop token that SIGINT and SIGTERM request, from now on."""
    return FileStops().next()


class FileStops:
    """A stop token for one file after the other.

    SIGINT and SIGTERM request the present one and all later ones. A file that cannot be written
    requests its own, and the next file is not concerned.
    """

    def __init__(self) -> None:
        self._present = Stop()
        self._interrupted = False
        signal.signal(signal.SIGINT, self._request)
        signal.signal(signal.SIGTERM, self._request)

    def next(self) -> Stop:
        """The token for the next file."""
        self._present = Stop()
        if self._interrupted:
            self._present.request()
        return self._present

    def _request(self, _number: int, _frame: object) -> None:
        self._interrupted = True
        self._present.request()
