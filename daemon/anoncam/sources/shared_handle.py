"""Keeping a device or a file open for as long as anybody uses it."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager


class SharedHandle:
    """Closes what it stands for once: when that is asked for and its last user is done.

    libav and libcamera crash when a thread closes what another one is still reading, or whose
    buffer it still copies.
    """

    def __init__(self, close: Callable[[], None]) -> None:
        self._close = close
        self._lock = threading.Lock()
        self._users = 0
        self._closing = False
        self._closed = False

    @property
    def closing(self) -> bool:
        """Whether the end has been asked for."""
        return self._closing

    def take(self) -> bool:
        """Become a user, until `give_back`; false, and no user, once the end has been asked for."""
        with self._lock:
            self._users += not self._closing
            return not self._closing

    def give_back(self) -> None:
        """Be a user no more."""
        with self._lock:
            self._users -= 1
        self._settle()

    @contextmanager
    def using(self) -> Iterator[bool]:
        """Be a user for the length of a block; yields what `take` gave."""
        taken = self.take()
        try:
            yield taken
        finally:
            if taken:
                self.give_back()

    def close(self) -> None:
        """Ask for the end, and wait for nobody; idempotent."""
        with self._lock:
            self._closing = True
        self._settle()

    def _settle(self) -> None:
        with self._lock:
            if self._users or not self._closing or self._closed:
                return
            self._closed = True
        self._close()
