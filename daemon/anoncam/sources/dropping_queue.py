"""What a thread hands over without ever waiting for whoever takes it."""

import threading
from collections import deque
from typing import Generic, TypeVar

from anoncam.errors import InputError

T = TypeVar("T")


class DroppingQueue(Generic[T]):
    """Holds the newest `capacity` items and counts those `lost`; an error comes after the items
    that stand before it.

    >>> mailbox: DroppingQueue[str] = DroppingQueue(1)
    >>> mailbox.put("frame")
    >>> mailbox.take(timeout=1)
    'frame'
    """

    def __init__(self, capacity: int) -> None:
        self._condition = threading.Condition()
        self.lost = 0
        self._items: deque[T] = deque(maxlen=capacity)
        self._error: InputError | None = None

    def put(self, item: T) -> None:
        """Add `item`; when the box is full, the oldest one is lost."""
        with self._condition:
            self.lost += len(self._items) == self._items.maxlen
            self._items.append(item)
            self._condition.notify()

    def fail(self, error: InputError) -> None:
        """Raise `error` in the thread that takes, once it has all items."""
        with self._condition:
            self._error = error
            self._condition.notify()

    def take(self, timeout: float) -> T | None:
        """The oldest item; None if none came within `timeout` seconds.

        Raises:
            InputError: what `fail` was given.
        """
        with self._condition:
            if not self._items and self._error is None:
                self._condition.wait(timeout)
            if self._items:
                return self._items.popleft()
            if self._error is not None:
                raise self._error
            return None
