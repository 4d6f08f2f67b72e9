"""A queue between two threads that never makes the first one wait."""

import threading
from collections import deque
from collections.abc import Callable
from typing import Generic, TypeVar

from anoncam.errors import InputError

T = TypeVar("T")


class DroppingQueue(Generic[T]):
    """Holds the newest `capacity` items, and counts the dropped ones in `lost`.

    `lose` is called with each that is dropped, by the thread that puts.

    >>> queue: DroppingQueue[str] = DroppingQueue(1)
    >>> queue.put("frame")
    >>> queue.take(timeout=1)
    'frame'
    """

    def __init__(self, capacity: int, lose: Callable[[T], None] = lambda _: None) -> None:
        self._lose = lose
        self._condition = threading.Condition()
        self.lost = 0
        self._items: deque[T] = deque(maxlen=capacity)
        self._error: InputError | None = None

    def put(self, item: T) -> None:
        """Add `item`; if the queue is full, the oldest item is lost."""
        with self._condition:
            lost = [self._items[0]] if len(self._items) == self._items.maxlen else []
            self.lost += len(lost)
            self._items.append(item)
            self._condition.notify()
        for each in lost:
            self._lose(each)

    def fail(self, error: InputError) -> None:
        """Raise `error` in the thread that takes, after it has taken all items."""
        with self._condition:
            self._error = error
            self._condition.notify()

    def take(self, timeout: float) -> T | None:
        """Return the oldest item; None if none came within `timeout` seconds.

        Raises:
            InputError: the error that `fail` was called with.
        """
        with self._condition:
            if not self._items and self._error is None:
                self._condition.wait(timeout)
            if self._items:
                return self._items.popleft()
            if self._error is not None:
                raise self._error
            return None
