"""Tickets of pictures are given back once, though two threads do so."""

from collections import deque
from pathlib import Path

import pytest

from anoncam.sources.process.remote_capture import Tickets
from tests.support.clips import make_clip
from tests.support.reading import open_clip

pytestmark = pytest.mark.integration


class Contested(deque[int]):
    """A queue that another thread empties just before the first item is taken."""

    def __init__(self, tickets: Tickets, *items: int) -> None:
        super().__init__(items)
        self._tickets = tickets
        self.others: list[int] | None = None

    def popleft(self) -> int:
        if self.others is None:
            self.others = []
            self.others += self._tickets.dropped()
        return super().popleft()

    pop = popleft


def test_two_threads_take_each_dropped_ticket_once(tmp_path: Path) -> None:
    with open_clip(make_clip(tmp_path / "clip.mp4")) as source:
        tickets = Tickets(source._media)
    tickets._dropped = contested = Contested(tickets, 1, 2, 3)
    assert tickets.dropped() == []
    assert contested.others == [1, 2, 3]
    tickets.drop(4)
    assert tickets.dropped() == [4]
