"""Whose turn it is, where several want something of one."""

from collections import deque
from typing import Generic, TypeVar

Who = TypeVar("Who")
What = TypeVar("What")


class Turns(Generic[Who, What]):
    """Goes round among all who wait for something; what one waits for comes in its order.

    So whoever waits is passed at most once by each of the others, however much they wait for.

    >>> turns = Turns[str, int]()
    >>> for who, what in (("a", 1), ("a", 2), ("b", 3)):
    ...     turns.wait(who, what)
    >>> turns.next(), turns.next(), turns.next(), turns.next()
    (('a', 1), ('b', 3), ('a', 2), None)
    """

    def __init__(self) -> None:
        self._waiting: dict[Who, deque[What]] = {}
        """In the order of the round: who has had a turn goes to its end."""

    def wait(self, who: Who, what: What) -> None:
        """Have `who` wait for `what`, after all that it waits for already."""
        self._waiting.setdefault(who, deque()).append(what)

    def count(self, who: Who) -> int:
        """How much `who` waits for."""
        return len(self._waiting.get(who, ()))

    def remove(self, who: Who) -> None:
        """Forget all that `who` waits for."""
        self._waiting.pop(who, None)

    def next(self) -> tuple[Who, What] | None:
        """Take out what comes next; None if nobody waits."""
        if not self._waiting:
            return None
        who = next(iter(self._waiting))
        waiting = self._waiting.pop(who)
        what = waiting.popleft()
        if waiting:
            self._waiting[who] = waiting
        return who, what

    def __bool__(self) -> bool:
        return bool(self._waiting)
