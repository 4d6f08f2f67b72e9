import asyncio
import socket
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from anoncam.errors import FeedError, NotRunningError
from anoncam.feed.client import AsyncFeedReader, FeedReader
from anoncam.feed.protocol import Message
from tests.support.fake_feed import FakeFeed

pytestmark = pytest.mark.integration


def test_a_reader_gets_a_greeting_the_newest_status_and_what_follows(tmp_path: Path) -> None:
    with FakeFeed(tmp_path) as feed:
        feed.tell_status(fps=7.0)
        with FeedReader(tmp_path, ["status", "event"]) as reader:
            messages = iter(reader)
            assert [next(messages).kind for _ in range(2)] == ["hello", "status"]
            feed.feed.tell_event({"event": "veil-began"})
            assert next(messages).facts["event"] == {"event": "veil-began"}


def test_the_same_comes_in_an_asyncio_loop(tmp_path: Path) -> None:
    async def read() -> list[Message]:
        reader = await AsyncFeedReader.connect(tmp_path, ["status"])
        got = []
        async for message in reader.messages():
            got.append(message)
            if len(got) == 2:
                break
        await reader.close()
        return got

    with FakeFeed(tmp_path) as feed:
        feed.tell_status()
        assert [message.kind for message in asyncio.run(read())] == ["hello", "status"]


def test_the_end_of_the_daemon_is_an_error_with_a_remedy(tmp_path: Path) -> None:
    feed = FakeFeed(tmp_path)
    with FeedReader(tmp_path, ["status"]) as reader:
        feed.close()
        with pytest.raises(NotRunningError, match="systemctl status anoncam"):
            list(reader)
    with pytest.raises(NotRunningError, match="gives no feed"):
        FeedReader(tmp_path, ["status"])


def test_a_silent_daemon_counts_as_gone(tmp_path: Path) -> None:
    with FakeFeed(tmp_path), FeedReader(tmp_path, ["status"], silence=60) as reader:
        messages = iter(reader)
        assert next(messages).kind == "hello"
        reader._socket.settimeout(0.01)
        with pytest.raises(NotRunningError):
            next(messages)


def test_garbage_in_place_of_a_daemon_is_an_error(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(tmp_path / "feed"))
        listener.listen()

        def answer() -> None:
            with listener.accept()[0] as channel:
                channel.recv(1000)
                channel.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")

        thread = threading.Thread(target=answer)
        thread.start()
        with FeedReader(tmp_path, ["status"]) as reader, pytest.raises(FeedError):
            list(reader)
        thread.join()


def test_a_reader_needs_neither_numpy_nor_libav() -> None:
    code = "import sys, anoncam.feed.client; assert not {'numpy', 'av'} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)
