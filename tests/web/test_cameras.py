"""Several cameras on one machine, on one page."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from aiohttp import ClientSession, DummyCookieJar
from aiohttp.test_utils import TestServer

from anoncam.web import cameras as cameras_module
from anoncam.web.app import make_app
from anoncam.web.context import COOKIE
from anoncam.web.passwords import Role
from anoncam.web.server import make_context
from tests.support.enabled_units import enable
from tests.support.evidence_folder import record
from tests.support.fake_feed import STATUS, FakeFeed

pytestmark = pytest.mark.integration

Asking = Callable[[str], Awaitable[tuple[int, str]]]


def asking(folder: Path, scene: Callable[[Asking], Awaitable[None]]) -> None:
    """Run `scene` over the page of a daemon with this runtime folder, logged in as a guest."""

    async def run() -> None:
        shared = make_context(folder, folder / "web")
        server = TestServer(make_app(shared))
        headers = {"Cookie": f"{COOKIE}={shared.sessions.begin(Role.VIEWER)}"}

        async def ask(path: str) -> tuple[int, str]:
            async with session.get(server.make_url(path), headers=headers) as answer:
                return answer.status, await answer.text()

        async with server, ClientSession(cookie_jar=DummyCookieJar()) as session:
            await asyncio.wait_for(scene(ask), 60)

    asyncio.run(run())


async def until(ask: Asking, expected: list[tuple[str, str]]) -> None:
    """Wait until the page lists these cameras, with what they do."""
    found: object = None
    while found != expected:
        await asyncio.sleep(0.02)
        listed = json.loads((await ask("/api/cameras"))[1])
        found = [(each["name"], each["state"]) for each in listed]


def test_each_camera_has_its_own_status_and_recordings(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cameras_module, "LOOK", 0.01)
    first, door = tmp_path / "anoncam", tmp_path / "anoncam@door"
    for each in (first, door):
        each.mkdir()
    # The folder of the door has a second segment.
    record(tmp_path / "of-first", 1)
    record(tmp_path / "of-door", 2)

    async def scene(ask: Asking) -> None:
        await until(ask, [("", "recording"), ("door", "veiled")])
        for query, name in (("", "first"), ("?camera=", "first"), ("?camera=door", "door")):
            status = json.loads((await ask(f"/api/health{query}"))[1])["status"]
            assert status["recording"]["folder"] == str(tmp_path / f"of-{name}")
            day = json.loads((await ask(f"/api/days{query}"))[1])[0]
            listed = json.loads((await ask(f"/api/days/{day}{query}"))[1])
            assert len(listed) == {"first": 1, "door": 2}[name]
        for path in ("/api/health", "/api/days", "/api/live"):
            assert (await ask(f"{path}?camera=garage"))[0] == 404
            assert (await ask(f"{path}?camera=../of-first"))[0] == 404
        await asyncio.to_thread(feeds[1].close)
        await until(ask, [("", "recording"), ("door", "not recording")])

    feeds = [FakeFeed(first), FakeFeed(door)]
    working = {"state": "working"}
    feeds[0].tell_status(recording={**working, "folder": str(tmp_path / "of-first")})
    veiled = {**STATUS["counts"], "veil": "no results come"}
    feeds[1].tell_status(recording={**working, "folder": str(tmp_path / "of-door")}, counts=veiled)
    asking(first, scene)
    feeds[0].close()


def test_a_machine_on_which_nothing_runs_has_one_camera_that_does_not_record(
    tmp_path: Path,
) -> None:
    async def scene(ask: Asking) -> None:
        await until(ask, [("", "not recording")])
        assert json.loads((await ask("/api/health"))[1])["status"] is None

    asking(tmp_path / "anoncam", scene)


def test_a_camera_that_cannot_start_is_listed_as_one_that_does_not_record(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    enable(monkeypatch, tmp_path, "anoncam@door.service", "anoncam@garage.service")
    (tmp_path / "anoncam@door").mkdir()

    async def scene(ask: Asking) -> None:
        await until(ask, [("door", "recording"), ("garage", "not recording")])
        health = await ask("/api/health?camera=garage")
        assert (health[0], json.loads(health[1])["status"]) == (200, None)

    with FakeFeed(tmp_path / "anoncam@door") as feed:
        feed.tell_status()
        asking(tmp_path / "anoncam", scene)


def test_a_status_that_is_not_understood_ends_no_reader(tmp_path: Path) -> None:
    async def scene(ask: Asking) -> None:
        await until(ask, [("", "not recording")])
        await asyncio.to_thread(feed.wait_for_readers, "status")
        feed.feed.tell_status({"counts": []})
        feed.tell_status()
        await until(ask, [("", "recording")])

    with FakeFeed(tmp_path) as feed:
        asking(tmp_path, scene)
