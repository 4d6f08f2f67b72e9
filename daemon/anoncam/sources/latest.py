"""The newest frame of a thread that must not wait for whoever takes it."""

import threading
from typing import Generic, TypeVar

from anoncam.errors import InputError

T = TypeVar("T")


class Latest(Generic[T]):
    """A place for one item; a newer one replaces it, and an error comes after the item that stands there.

    >>> latest: Latest[str] = Latest()
    >>> latest.put("frame")
    >>> latest.take(timeout=1)
    'frame'
    """

    def __init__(self) -> None:
        self._condition = threading.Condition()
        self._item: T | None = None
        self._error: InputError | None = None

    def put(self, item: T) -> None:
        """Put `item` in the place of what nobody took in time."""
        with self._condition:
            self._item = item
            self._condition.notify()

    def fail(self, error: InputError) -> None:
        """Raise `error` in the thread that takes."""
        with self._condition:
            self._error = error
            self._condition.notify()

    def take(self, timeout: float) -> T | None:
        """The item; None if none came within `timeout` seconds.

        Raises:
            InputError: what `fail` was given.
        """
        with self._condition:
            if self._item is None and self._error is None:
                self._condition.wait(timeout)
            item, self._item = self._item, None
            if item is None and self._error is not None:
                raise self._error
            return item
