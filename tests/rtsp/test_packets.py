import queue
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from anoncam.rtsp.packets import Packet, Packets
from tests.support.fake_feed import FakeFeed
from tests.support.frames import small_format

pytestmark = pytest.mark.integration

SPS, IDR, SLICE = 7, 5, 1


class Taken:
    """What came of the feed."""

    def __init__(self, folder: Path) -> None:
        self.packets: queue.SimpleQueue[Packet] = queue.SimpleQueue()
        self.resized = threading.Event()
        self.source = Packets(folder, self.packets.put, self.resized.set)

    def next(self, count: int) -> list[Packet]:
        return [self.packets.get(timeout=60) for _ in range(count)]


@pytest.fixture
def taken(tmp_path: Path) -> Iterator[Taken]:
    made = Taken(tmp_path)
    yield made
    made.source.close()


def units(data: bytes) -> list[int]:
    """The types of the NAL units in Annex B."""
    return [part[0] & 31 for part in data.replace(b"\0\0\0\1", b"\0\0\1").split(b"\0\0\1")[1:]]


def test_packets_begin_with_a_key_frame_that_has_its_parameter_sets(
    tmp_path: Path, taken: Taken
) -> None:
    with FakeFeed(tmp_path) as feed:
        feed.wait_for_readers("packet")
        feed.film(12)
        packets = taken.next(12)
    assert [packet.begins for packet in packets] == [True] + [False] * 11
    assert [packet.key for packet in packets] == [i in (0, 10) for i in range(12)]
    for packet in packets:
        kinds = units(packet.data)
        assert (SPS in kinds) == packet.key
        assert (IDR in kinds) == packet.key
    assert [packet.time for packet in packets[:3]] == [0, 100_000_000, 200_000_000]


def test_a_new_segment_and_a_new_daemon_begin_anew(tmp_path: Path, taken: Taken) -> None:
    with FakeFeed(tmp_path) as feed:
        feed.wait_for_readers("packet")
        feed.film(2)
        feed.begin_segment()
        feed.film(2)
        assert [packet.begins for packet in taken.next(4)] == [True, False, True, False]
    with FakeFeed(tmp_path) as feed:
        feed.wait_for_readers("packet")
        feed.film(1)
        assert taken.next(1)[0].begins


def test_another_size_ends_the_packets(tmp_path: Path, taken: Taken) -> None:
    with FakeFeed(tmp_path) as feed:
        feed.wait_for_readers("packet")
        feed.film(1)
        taken.next(1)
    with FakeFeed(tmp_path, replace(small_format(), width=32, stride=32)) as feed:
        feed.wait_for_readers("packet")
        feed.film(1)
        assert taken.resized.wait(60)
    assert taken.packets.empty()


def test_closing_ends_the_reader_of_the_feed(tmp_path: Path, taken: Taken) -> None:
    with FakeFeed(tmp_path) as feed:
        feed.wait_for_readers("packet")
        taken.source.close()
        taken.source.close()
        with feed.feed.changed:
            assert feed.feed.changed.wait_for(lambda: not feed.feed.wanted, 60)
