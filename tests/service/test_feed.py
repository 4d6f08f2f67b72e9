import json

import pytest

from anoncam.feed.protocol import Decoder, Kind
from anoncam.feed.reader_queue import ReaderQueue
from anoncam.recording.footage import picture_of
from anoncam.service import feed as feed_module
from anoncam.service.feed import Feed
from tests.support.frames import FakeClock, moving, small_format

pytestmark = pytest.mark.integration


def reading(feed: Feed, *kinds: str) -> ReaderQueue:
    queue = ReaderQueue()
    feed.add(queue)
    feed.want(queue, frozenset(kinds))
    return queue


def kinds(feed: Feed, queue: ReaderQueue) -> list[str]:
    got = []
    while (taken := feed.take(queue)) is not None:
        got += [message.kind for message in Decoder().feed(taken.head + taken.payload)]
    return got


@pytest.mark.parametrize("leak", [b"pixels", moving(small_format(), 0)._frame, None])
def test_the_feed_takes_nothing_but_footage(leak: object) -> None:
    with pytest.raises(TypeError, match="nothing but footage"):
        Feed(FakeClock()).publish(leak)  # type: ignore[arg-type]


def test_a_raw_frame_becomes_no_picture_and_recording_goes_on() -> None:
    feed = Feed(FakeClock())
    queue = reading(feed, Kind.PICTURE)
    feed.offer(moving(small_format(), 0)._frame)  # type: ignore[arg-type]
    assert kinds(feed, queue) == []


def test_a_picture_is_made_once_a_second_and_only_if_it_is_wanted(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    clock, made = FakeClock(), []

    def counted(frame: object) -> object:
        made.append(frame)
        return picture_of(frame)  # type: ignore[arg-type]

    monkeypatch.setattr(feed_module, "picture_of", counted)
    feed = Feed(clock)
    feed.offer(moving(small_format(), 0))
    assert made == []
    queue = reading(feed, Kind.PICTURE)
    for _ in range(20):
        feed.offer(moving(small_format(), 0))
        clock.advance(0.1)
    assert kinds(feed, queue) == ["picture", "picture"]
    feed.remove(queue)
    clock.advance(5)
    feed.offer(moving(small_format(), 0))
    assert len(made) == 2


def test_a_password_in_the_status_does_not_reach_a_reader() -> None:
    feed = Feed(FakeClock())
    queue = reading(feed, Kind.STATUS)
    feed.tell_status({"source": "rtsp://admin:geheim@10.0.0.7/live"})
    taken = feed.take(queue)
    assert taken is not None
    assert b"geheim" not in taken.head
    assert json.loads(taken.head[8:])["status"]["source"].startswith("rtsp://admin:***@")


def test_each_reader_gets_what_it_wants_alone() -> None:
    feed = Feed(FakeClock())
    one, other = reading(feed, Kind.EVENT), reading(feed, Kind.STATUS)
    feed.tell_event({"event": "started"})
    feed.answer(other, {"id": 1})
    assert (kinds(feed, one), kinds(feed, other)) == (["event"], ["answer"])
