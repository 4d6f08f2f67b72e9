"""Calls a function of a vendor's library that may hang."""

import math
import threading
from collections.abc import Callable
from typing import Generic, TypeVar

from anoncam.clock import Stop
from anoncam.errors import CameraError, StoppedError

_POLL = 0.1

T = TypeVar("T")


class BackgroundCall(Generic[T]):
    """A call in a thread of its own; the thread is left behind if the call does not return in time.

    >>> BackgroundCall(camera.start, "starting the camera").result(5)
    """

    def __init__(self, function: Callable[[], T], what: str) -> None:
        self._function = function
        self._what = what
        self._results: list[T] = []
        self._error: Exception | None = None
        self._thread = threading.Thread(target=self._run, name=what, daemon=True)
        self._thread.start()

    def result(self, seconds: float, stop: Stop | None = None) -> T:
        """Wait for the call; return or raise what it did.

        Raises:
            CameraError: it did not return within `seconds`.
            StoppedError: the stop was requested meanwhile.
        """
        for _ in range(math.ceil(seconds / _POLL)):
            self._thread.join(_POLL)
            if not self._thread.is_alive():
                break
            if stop is not None and stop.requested:
                raise StoppedError(f"stopped while waiting for {self._what}")
        if self._error is not None:
            raise self._error
        if not self._results:
            raise CameraError(
                f"{self._what} has been hanging for {seconds:g} s", "check the camera and its cable"
            )
        return self._results[0]

    def _run(self) -> None:
        try:
            self._results.append(self._function())
        except Exception as error:
            # `result` raises it in the thread that waits.
            self._error = error
