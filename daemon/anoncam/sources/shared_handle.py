"""Keeps a device or a file open for as long as anybody uses it."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager


class SharedHandle:
    """Calls `on_close` once: after `close` was called and the last user is done.

    libav and libcamera crash if one thread closes what another thread still reads or copies from.
    """

    def __init__(self, on_close: Callable[[], None]) -> None:
        self._on_close = on_close
        self._lock = threading.Lock()
        self._users = 0
        self._closing = False
        self._closed = False

    @property
    def closing(self) -> bool:
        """Whether `close` was called."""
        return self._closing

    def acquire(self) -> bool:
        """Become a user until `release`; False, without becoming one, after `close`."""
        with self._lock:
            self._users += not self._closing
            return not self._closing

    def release(self) -> None:
        """Stop being a user."""
        with self._lock:
            self._users -= 1
        self._close_if_unused()

    @contextmanager
    def using(self) -> Iterator[bool]:
        """Be a user for the length of a block; yields what `acquire` returned."""
        acquired = self.acquire()
        try:
            yield acquired
        finally:
            if acquired:
                self.release()

    def close(self) -> None:
        """Admit no more users, and close after the last one; returns at once; idempotent."""
        with self._lock:
            self._closing = True
        self._close_if_unused()

    def _close_if_unused(self) -> None:
        with self._lock:
            if self._users or not self._closing or self._closed:
                return
            self._closed = True
        self._on_close()
