import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from anoncam.clock import SystemClock
from anoncam.errors import NotRunningError
from anoncam.feed.protocol import Kind, Message
from anoncam.web import live as live_module
from anoncam.web.live import Live, Viewer
from tests.support.fake_feed import FakeFeed

pytestmark = pytest.mark.integration


def watching(folder: Path, scene: Callable[[Live], Awaitable[None]]) -> None:
    """Run `scene` while the feed is read."""

    async def run() -> None:
        live = Live(folder, SystemClock())
        reading = asyncio.create_task(live.run())
        await asyncio.wait_for(scene(live), 60)
        reading.cancel()
        await asyncio.gather(reading, return_exceptions=True)

    asyncio.run(run())


async def next_of(viewer: Viewer, kind: Kind) -> Message:
    while (message := await viewer.queue.get()).kind != kind:
        pass
    return message


def test_each_browser_gets_the_init_segment_before_its_first_fragment(tmp_path: Path) -> None:
    async def scene(live: Live) -> None:
        viewers = [Viewer(Kind.FRAGMENT), Viewer(Kind.FRAGMENT)]
        live.add(viewers[0])
        await asyncio.to_thread(feed.wait_for_readers, "fragment")
        await asyncio.to_thread(feed.film, 11)
        assert (await next_of(viewers[0], Kind.INIT)).payload
        await next_of(viewers[0], Kind.FRAGMENT)
        live.add(viewers[1])
        await asyncio.to_thread(feed.film, 10)
        first = await next_of(viewers[1], Kind.INIT)
        second = await next_of(viewers[1], Kind.FRAGMENT)
        assert b"moov" in first.payload
        assert b"moof" in second.payload

    with FakeFeed(tmp_path) as feed:
        watching(tmp_path, scene)


def test_footage_is_asked_for_only_while_somebody_watches(tmp_path: Path) -> None:
    async def scene(live: Live) -> None:
        viewer = Viewer(Kind.PICTURE)
        live.add(viewer)
        await asyncio.to_thread(feed.wait_for_readers, "picture")
        live.remove(viewer)
        await asyncio.to_thread(feed.wait_until, lambda: Kind.PICTURE not in feed.feed.wanted)

    with FakeFeed(tmp_path) as feed:
        watching(tmp_path, scene)


def test_a_browser_that_takes_nothing_costs_a_bounded_queue(tmp_path: Path) -> None:
    viewer = Viewer(Kind.FRAGMENT)
    for _ in range(100):
        viewer.put(Message(Kind.FRAGMENT, {}, b"x"), Message(Kind.INIT))
    assert viewer.queue.qsize() <= 12
    while not viewer.queue.empty():
        viewer.queue.get_nowait()
    viewer.put(Message(Kind.FRAGMENT, {}, b"x"), Message(Kind.INIT))
    assert [viewer.queue.get_nowait().kind for _ in range(2)] == ["init", "fragment"]


def test_a_daemon_that_ends_is_shown_and_one_that_comes_back_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live_module, "RETRY", 0.01)

    async def scene(live: Live) -> None:
        viewer = Viewer(Kind.FRAGMENT)
        live.add(viewer)
        feed = FakeFeed(tmp_path)
        await asyncio.to_thread(feed.wait_for_readers, "status")
        feed.tell_status()
        assert (await next_of(viewer, Kind.STATUS)).facts["status"]
        await asyncio.to_thread(feed.close)
        assert (await next_of(viewer, Kind.STATUS)).facts["status"] is None
        assert live.status is None
        assert live.last_status is not None
        with pytest.raises(NotRunningError):
            await live.request({"zones": []}, 1)
        again = FakeFeed(tmp_path)
        again.tell_status()
        assert (await next_of(viewer, Kind.STATUS)).facts["status"]
        await asyncio.to_thread(again.close)

    watching(tmp_path, scene)


def test_an_answer_goes_to_whoever_asked_and_silence_is_an_error(tmp_path: Path) -> None:
    async def scene(live: Live) -> None:
        await asyncio.to_thread(feed.wait_for_readers, "status")
        while live._reader is None:
            await asyncio.sleep(0)
        assert (await live.request({"zones": [1]}, 60))["zones"] == [1]
        with pytest.raises(NotRunningError, match="does not answer"):
            await live.request({"nothing": 1}, 0.01)

    with FakeFeed(tmp_path) as feed:
        feed.feed.requests["zones"] = lambda request, _user, answer: answer(dict(request))
        feed.feed.requests["nothing"] = lambda *_: None
        watching(tmp_path, scene)
