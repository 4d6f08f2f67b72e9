import threading

import pytest

from anoncam.errors import CameraError
from anoncam.sources.dropping_queue import DroppingQueue


def test_lost_items_are_counted() -> None:
    mailbox: DroppingQueue[int] = DroppingQueue(2)
    for number in range(5):
        mailbox.put(number)
    assert mailbox.lost == 3
    assert mailbox.take(1) == 3
    mailbox.put(5)
    assert mailbox.lost == 3


def test_a_full_queue_loses_the_oldest_item() -> None:
    mailbox: DroppingQueue[int] = DroppingQueue(2)
    for number in range(5):
        mailbox.put(number)
    assert [mailbox.take(0), mailbox.take(0), mailbox.take(0)] == [3, 4, None]


def test_an_error_comes_after_the_items_before_it_and_stays() -> None:
    mailbox: DroppingQueue[int] = DroppingQueue(2)
    mailbox.put(1)
    mailbox.fail(CameraError("gone"))
    assert mailbox.take(0) == 1
    for _ in range(2):
        with pytest.raises(CameraError, match="gone"):
            mailbox.take(60)


def test_an_item_wakes_a_waiting_thread() -> None:
    mailbox: DroppingQueue[int] = DroppingQueue(1)
    taken: list[int | None] = []
    thread = threading.Thread(target=lambda: taken.append(mailbox.take(60)))
    thread.start()
    mailbox.put(7)
    thread.join()
    assert taken == [7]
