import queue
from datetime import UTC, datetime

import pytest

from anoncam.evidence.segment_counters import SegmentTotals
from anoncam.recording.storage_queue import Append, Finish, Open, StorageQueue

START = datetime(2026, 7, 14, tzinfo=UTC)
TOTALS = [SegmentTotals(frames=frames) for frames in range(4)]


def test_fragments_of_one_segment_that_wait_come_as_one() -> None:
    commands = StorageQueue(100)
    ticket = commands.open(START)
    for totals in TOTALS[1:]:
        assert commands.append(ticket, b"data", totals)
    commands.finish(ticket)
    assert commands.queued_bytes == 12
    taken = [commands.next(0) for _ in range(4)]
    assert taken == [Open(1, START), Append(1, b"data" * 3, TOTALS[3]), Finish(1), None]
    assert commands.queued_bytes == 0


def test_a_full_queue_ends_the_segment_and_takes_the_next_one() -> None:
    commands = StorageQueue(10)
    first = commands.open(START)
    assert commands.append(first, bytes(8), TOTALS[1])
    with pytest.raises(queue.Full):
        commands.append(first, bytes(8), TOTALS[2])
    assert commands.is_void(first)
    assert not commands.append(first, b"", TOTALS[3])
    assert commands.dropped == 2
    second = commands.open(START)
    assert not commands.is_void(second)
    taken = [commands.next(0) for _ in range(4)]
    assert taken == [
        Open(first, START),
        Append(first, bytes(8), TOTALS[1]),
        Finish(first),
        Open(second, START),
    ]


def test_what_is_abandoned_is_counted_and_its_tickets_are_void() -> None:
    commands = StorageQueue(100)
    tickets = [commands.open(START) for _ in range(2)]
    for ticket in tickets:
        commands.append(ticket, b"data", TOTALS[1])
    commands.abandon()
    assert commands.dropped == 2
    assert commands.next(0) is None
    assert all(map(commands.is_void, tickets))
    assert not commands.is_void(commands.open(START))


def test_the_queue_is_idle_once_the_last_command_is_done() -> None:
    commands = StorageQueue(100)
    assert not commands.idle, "the folder is being prepared"
    assert commands.next(0) is None
    assert commands.idle
    commands.open(START)
    assert not commands.idle
    commands.next(0)
    assert not commands.idle
    commands.next(0)
    assert commands.idle
