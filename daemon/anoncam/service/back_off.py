"""How long to wait before a source is opened again."""

from anoncam.errors import CameraRefusalError

BACK_OFF = (0.5, 1.0, 2.0, 5.0)
"""Seconds before each further attempt to open a source; the last one repeats."""

REFUSED_BACK_OFF = (60.0, 300.0, 900.0)
"""The same after a network camera has refused name or password.

Cameras lock an account after about five attempts within half an hour: here are four.
"""


class BackOff:
    """Counts failures in a row, and says how long to wait.

    >>> back_off = BackOff()
    >>> back_off.fail(OSError())
    0.5
    >>> back_off.fail(OSError())
    1.0
    """

    def __init__(self) -> None:
        self.clear()

    def clear(self) -> None:
        """Begin again: it works now, or is set up anew."""
        self.failures = 0
        self._refusals = 0

    def fail(self, error: Exception | None) -> float:
        """Count a failure; the seconds to wait after it."""
        self.failures += 1
        if isinstance(error, CameraRefusalError):
            # What fails in between, as while the camera starts, does not unlock an account.
            self._refusals += 1
            return _limited(REFUSED_BACK_OFF, self._refusals)
        return _limited(BACK_OFF, self.failures)


def _limited(pauses: tuple[float, ...], number: int) -> float:
    return pauses[min(number, len(pauses)) - 1]
