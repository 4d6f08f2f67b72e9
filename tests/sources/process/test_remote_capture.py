"""Tickets of pictures are given back once, though two threads do so."""

from collections import deque
from pathlib import Path

import pytest

from anoncam.frames.frame import FrameTime, tight
from anoncam.sources.process.remote_capture import RemoteCapture, Tickets
from anoncam.sources.shared_handle import SharedHandle
from tests.support.clips import make_clip
from tests.support.frames import blank
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


def test_a_closed_capture_cannot_be_copied(tmp_path: Path) -> None:
    with open_clip(make_clip(tmp_path / "clip.mp4")) as source:
        tickets = Tickets(source._media)
    capture = RemoteCapture(1, FrameTime(0, 0), tickets, SharedHandle(lambda: None))
    capture.close()
    with pytest.raises(ValueError, match="closed"):
        capture.copy_into(blank(tight(96, 64)))
