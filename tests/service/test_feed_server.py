"""The feed's server, and readers that do everything wrong."""

import socket
import stat
from contextlib import ExitStack
from itertools import islice
from pathlib import Path

import pytest

from anoncam.errors import NotRunningError
from anoncam.feed.client import FeedReader
from anoncam.feed.protocol import Message
from anoncam.feed.reader_queue import LIMIT
from anoncam.service import feed_server
from anoncam.service.feed_server import MOST_PER_USER
from tests.support.fake_feed import FakeFeed
from tests.support.frames import small_format

pytestmark = pytest.mark.integration


def connected(folder: Path, request: bytes = b"") -> socket.socket:
    channel = socket.socket(socket.AF_UNIX)
    channel.connect(str(folder / "feed"))
    channel.settimeout(60)
    channel.sendall(request)
    return channel


def is_dropped(channel: socket.socket) -> bool:
    try:
        while channel.recv(1 << 16):
            pass
    except ConnectionResetError:
        pass
    return True


def works(feed: FakeFeed, folder: Path) -> bool:
    """Whether a new reader gets a fragment."""
    with FeedReader(folder, ["fragment"]) as reader:
        feed.wait_for_readers("fragment")
        feed.film(11)
        messages = list(islice(reader, 3))
    return [message.kind for message in messages] == ["hello", "init", "fragment"]


def test_only_user_and_group_may_connect(tmp_path: Path) -> None:
    with FakeFeed(tmp_path):
        assert stat.S_IMODE((tmp_path / "feed").stat().st_mode) == 0o660
    assert not (tmp_path / "feed").exists()


@pytest.mark.parametrize(
    "garbage",
    [
        b"\x00" * 100 + b"\n",
        b"GET / HTTP/1.1\r\n",
        b'{"want": "status"}\n',
        b'{"want": ["raw"]}\n',
        b'{"want": [["status"]]}\n',
        b'{"zones": []}\n',
        b'{"want": ["status"], "id": [[]]}\n',
        b"[" * 50_000 + b"\n",
        b"x" * (1 << 17),
        b"[]\n",
        b"\n",
    ],
)
def test_a_reader_that_sends_garbage_is_dropped_and_nobody_else(
    tmp_path: Path, garbage: bytes
) -> None:
    with FakeFeed(tmp_path) as feed:
        try:
            channel = connected(tmp_path, garbage)
        except (BrokenPipeError, ConnectionResetError):
            channel = connected(tmp_path, b"\n")
        assert is_dropped(channel)
        channel.close()
        assert works(feed, tmp_path)


def test_a_reader_that_never_reads_costs_its_queue_and_no_frame_waits_for_it(
    tmp_path: Path,
) -> None:
    with FakeFeed(tmp_path, small_format(rate=10)) as feed, ExitStack() as stack:
        channel = connected(tmp_path, b'{"want": ["status"]}\n')
        stack.callback(channel.close)
        feed.wait_for_readers("status")
        reason = "x" * 60_000
        for _ in range(2 * LIMIT // len(reason)):
            feed.tell_status(doing=reason)
        (queue,) = feed.feed._queues
        assert queue._lost > 0
        assert sum(parcel.size for parcel in queue._parcels) <= LIMIT
        assert works(feed, tmp_path)


def test_a_slow_reader_is_told_what_it_lost_and_goes_on_at_a_key_frame(
    tmp_path: Path,
) -> None:
    with FakeFeed(tmp_path) as feed, FeedReader(tmp_path, ["packet"]) as reader:
        feed.wait_for_readers("packet")
        (queue,) = feed.feed._queues
        queue._limit = 1
        feed.film(2000)
        messages: list[Message] = []
        for message in reader:
            messages.append(message)
            if message.kind == "lost":
                break
            feed.film(1)
        after = next(message for message in reader if message.kind == "packet")
    assert message.facts["messages"] > 0
    assert after.facts["key"]


def test_a_reader_that_dies_is_forgotten(tmp_path: Path) -> None:
    with FakeFeed(tmp_path) as feed:
        for _ in range(3 * MOST_PER_USER):
            connected(tmp_path, b'{"want": ["status"]}\n').close()
        assert works(feed, tmp_path)


def test_a_user_with_too_many_readers_gets_no_more(tmp_path: Path) -> None:
    with FakeFeed(tmp_path) as feed, ExitStack() as stack:
        readers = [
            stack.enter_context(FeedReader(tmp_path, ["event"])) for _ in range(MOST_PER_USER)
        ]
        feed.wait_for_readers("event")
        assert [next(iter(reader)).kind for reader in readers] == ["hello"] * MOST_PER_USER
        with pytest.raises(NotRunningError), FeedReader(tmp_path, ["event"]) as one_more:
            list(one_more)
        for reader in readers:
            reader.close()
        feed.wait_until(lambda: not feed.feed._queues)
        assert works(feed, tmp_path)


def test_a_reader_that_takes_nothing_for_long_is_dropped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feed_server, "STALLED", 0.05)
    with FakeFeed(tmp_path) as feed:
        channel = connected(tmp_path, b'{"want": ["status"]}\n')
        feed.wait_for_readers("status")
        while feed.feed._queues:
            feed.tell_status(doing="x" * 60_000)
        assert is_dropped(channel)
        channel.close()


def test_many_readers_get_the_same(tmp_path: Path) -> None:
    with FakeFeed(tmp_path) as feed, ExitStack() as stack:
        readers = [stack.enter_context(FeedReader(tmp_path, ["fragment"])) for _ in range(10)]
        streams = [iter(reader) for reader in readers]
        assert [next(stream).kind for stream in streams] == ["hello"] * 10
        feed.wait_until(lambda: sum("fragment" in queue.wants for queue in feed.feed._queues) == 10)
        feed.film(11)
        got = {tuple(message.payload for message in islice(stream, 2)) for stream in streams}
    assert len(got) == 1


def test_the_end_leaves_no_descriptor_open(tmp_path: Path) -> None:
    def descriptors() -> int:
        return len(list(Path("/proc/self/fd").iterdir()))

    with FakeFeed(tmp_path) as feed:
        assert works(feed, tmp_path)
    before = descriptors()
    with FakeFeed(tmp_path) as feed:
        assert works(feed, tmp_path)
    assert descriptors() == before
