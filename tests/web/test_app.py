"""The addresses of the page: who may have what, and what every answer carries."""

import asyncio
import json
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest
from aiohttp import (
    ClientResponse,
    ClientSession,
    ClientWebSocketResponse,
    DummyCookieJar,
    WSServerHandshakeError,
)
from aiohttp.test_utils import TestServer

from anoncam.feed.login_limit import FREE
from anoncam.web import passwords
from anoncam.web.app import make_app
from anoncam.web.context import COOKIE, Context
from anoncam.web.guard import HEADERS, OPEN
from anoncam.web.live_handlers import MOST_VIEWERS
from anoncam.web.passwords import Role, write
from anoncam.web.server import make_context
from tests.support.evidence_folder import record
from tests.support.fake_feed import FakeFeed

pytestmark = pytest.mark.integration

PASSWORD = "long enough for all"  # noqa: S105 - of a test


@pytest.fixture(autouse=True)
def cheap_passwords(monkeypatch: pytest.MonkeyPatch) -> None:
    """What hashes cost on purpose would be most of the time of these tests."""
    monkeypatch.setitem(passwords._COST, "n", 2)


class Browser:
    """Asks the page, with or without a session."""

    def __init__(self, server: TestServer, session: ClientSession) -> None:
        self._server = server
        self._session = session
        self.origin = f"http://{server.host}:{server.port}"
        self.headers: dict[str, str] = {}

    async def ask(
        self, method: str, path: str, headers: dict[str, str] | None = None, **options: object
    ) -> ClientResponse:
        url = self._server.make_url(path)
        return await self._session.request(
            method,
            url,
            headers={"Origin": self.origin, **self.headers, **(headers or {})},
            allow_redirects=False,
            **options,  # type: ignore[arg-type]
        )

    def use(self, shared: Context, role: Role) -> None:
        """Be logged in, without the time that a password takes."""
        token = shared.sessions.begin(role)
        found = shared.sessions.find(token)
        assert found is not None
        self.headers = {"Cookie": f"{COOKIE}={token}", "X-CSRF-Token": found.csrf}


Scene = Callable[[Browser, Context], Awaitable[None]]


def visiting(tmp_path: Path, scene: Scene) -> None:
    """Run `scene` over a page whose daemon tells one status."""

    async def run() -> None:
        shared = make_context(tmp_path, tmp_path / "web")
        server = TestServer(make_app(shared))
        async with server, ClientSession(cookie_jar=DummyCookieJar()) as session:
            while not (live := shared.cameras.find(None)) or live.status is None:
                await asyncio.sleep(0.01)
            await asyncio.wait_for(scene(Browser(server, session), shared), 60)

    with FakeFeed(tmp_path) as feed:
        feed.tell_status(recording={"folder": str(tmp_path / "recordings")})
        feed.feed.requests["zones"] = lambda request, _user, answer: answer(dict(request))
        asyncio.run(run())


def test_nothing_but_the_log_in_can_be_had_without_a_session(tmp_path: Path) -> None:
    async def scene(browser: Browser, _shared: Context) -> None:
        for path in (
            "/main.js",
            "/api/session",
            "/api/live",
            "/api/health",
            "/api/days",
            "/api/recordings/000000001_20260714T091500Z.mp4",
            "/no/such/page",
        ):
            assert (await browser.ask("GET", path)).status == 401, path
        assert (await browser.ask("PUT", "/api/zones", json={"zones": []})).status == 401
        home = await browser.ask("GET", "/")
        assert (home.status, home.headers["Location"]) == (303, "/login.html")
        for path in OPEN - {"/login"}:
            assert (await browser.ask("GET", path)).status == 200, path

    visiting(tmp_path, scene)


def test_every_answer_carries_the_policy(tmp_path: Path) -> None:
    async def scene(browser: Browser, shared: Context) -> None:
        answers = [await browser.ask("GET", path) for path in ("/login.html", "/", "/x")]
        browser.use(shared, Role.VIEWER)
        answers += [await browser.ask("GET", path) for path in ("/", "/api/session", "/x")]
        for answer in answers:
            assert {key: answer.headers.get(key) for key in HEADERS} == HEADERS
            assert "aiohttp" not in answer.headers.get("Server", "")

    visiting(tmp_path, scene)


def test_the_cookie_is_out_of_reach_of_scripts_and_of_other_sites(tmp_path: Path) -> None:
    async def scene(browser: Browser, _shared: Context) -> None:
        nobody = await browser.ask("POST", "/login", json={"password": PASSWORD})
        assert (nobody.status, "no password is set" in await nobody.text()) == (503, True)
        write(tmp_path / "web", Role.ADMIN, PASSWORD)
        wrong = await browser.ask("POST", "/login", json={"password": "something else"})
        assert (wrong.status, await wrong.text()) == (401, "this password is wrong")
        answer = await browser.ask("POST", "/login", json={"password": PASSWORD})
        cookie = answer.headers["Set-Cookie"]
        assert answer.status == 200
        for property_ in ("HttpOnly", "Secure", "SameSite=Strict", "Path=/"):
            assert property_ in cookie
        token = cookie.partition("=")[2].partition(";")[0]
        headers = {"Cookie": f"{COOKIE}={token}"}
        session = await (await browser.ask("GET", "/api/session", headers)).json()
        assert session["role"] == "admin"
        out = await browser.ask("POST", "/api/logout", {**headers, "X-CSRF-Token": session["csrf"]})
        assert out.status == 200
        assert (await browser.ask("GET", "/api/session", headers)).status == 401

    visiting(tmp_path, scene)


def test_a_guest_cannot_guess_the_password_of_the_admin_by_logging_in_between(
    tmp_path: Path,
) -> None:
    async def scene(browser: Browser, shared: Context) -> None:
        write(tmp_path / "web", Role.ADMIN, PASSWORD)
        write(tmp_path / "web", Role.VIEWER, "only looking around")
        answers = set()
        for password in 2 * [*(FREE * ["a guess of the guest"]), "only looking around"]:
            answer = await browser.ask("POST", "/login", json={"password": password})
            answers.add(answer.status)
        assert answers == {200, 401, 429}

    visiting(tmp_path, scene)


@pytest.mark.parametrize("body", [b"", b"[", b"[]", b"{}", b"[" * 4000, b"\xff", b"x" * 10_000])
def test_a_log_in_without_a_password_is_refused(tmp_path: Path, body: bytes) -> None:
    async def scene(browser: Browser, _shared: Context) -> None:
        assert (await browser.ask("POST", "/login", data=body)).status == 400

    visiting(tmp_path, scene)


def test_a_change_needs_the_token_the_origin_and_the_role(tmp_path: Path) -> None:
    async def scene(browser: Browser, shared: Context) -> None:
        browser.use(shared, Role.ADMIN)
        whole = browser.headers
        zones: dict[str, list[object]] = {"zones": []}
        assert (await browser.ask("PUT", "/api/zones", json=zones)).status == 200
        browser.headers = {**whole, "X-CSRF-Token": "guessed"}
        assert (await browser.ask("PUT", "/api/zones", json=zones)).status == 403
        browser.headers = whole
        for origin in ("https://evil.example", "https://[evil", "null", ""):
            other = await browser.ask("PUT", "/api/zones", {"Origin": origin}, json=zones)
            assert other.status == 403
            upgrade = {"Origin": origin, "Upgrade": "websocket", "Connection": "Upgrade"}
            assert (await browser.ask("GET", "/api/live", upgrade)).status == 403
        browser.use(shared, Role.VIEWER)
        assert (await browser.ask("PUT", "/api/zones", json=zones)).status == 403

    visiting(tmp_path, scene)


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b"[" * 50_000, b'{"zones": ' + b"1" * 70_000])
def test_garbage_in_place_of_zones_is_refused(tmp_path: Path, body: bytes) -> None:
    async def scene(browser: Browser, shared: Context) -> None:
        browser.use(shared, Role.ADMIN)
        assert (await browser.ask("PUT", "/api/zones", data=body)).status in {400, 413}

    visiting(tmp_path, scene)


def test_a_body_that_comes_in_pieces_is_read_to_its_end(tmp_path: Path) -> None:
    async def pieces(body: bytes) -> AsyncIterator[bytes]:
        for part in (body[:10], body[10:]):
            yield part
            for _ in range(100):
                await asyncio.sleep(0)

    async def scene(browser: Browser, shared: Context) -> None:
        write(tmp_path / "web", Role.ADMIN, PASSWORD)
        password = pieces(json.dumps({"password": PASSWORD}).encode())
        assert (await browser.ask("POST", "/login", data=password)).status == 200
        browser.use(shared, Role.ADMIN)
        assert (await browser.ask("PUT", "/api/zones", data=pieces(b'{"zones": []}'))).status == 200

    visiting(tmp_path, scene)


def test_the_largest_body_fits_into_a_request_to_the_daemon(tmp_path: Path) -> None:
    zones = json.dumps({"zones": [[[0, 1]] * 100] * 99}, separators=(",", ":")).encode()

    async def scene(browser: Browser, shared: Context) -> None:
        browser.use(shared, Role.ADMIN)
        assert 59_000 < len(zones) < 60_000
        assert (await browser.ask("PUT", "/api/zones", data=zones)).status == 200

    visiting(tmp_path, scene)


def test_what_the_daemon_refuses_is_told(tmp_path: Path) -> None:
    async def scene(browser: Browser, shared: Context) -> None:
        browser.use(shared, Role.ADMIN)
        answer = await browser.ask("PUT", "/api/zones", json={"zones": 1, "problem": "x"})
        assert answer.status == 200

    visiting(tmp_path, scene)


def test_whoever_may_only_watch_takes_not_all_places(tmp_path: Path) -> None:
    async def scene(browser: Browser, shared: Context) -> None:
        async def watch(session: ClientSession) -> ClientWebSocketResponse | None:
            headers = {"Origin": browser.origin, **browser.headers}
            try:
                return await session.ws_connect(f"{browser.origin}/api/live", headers=headers)
            except WSServerHandshakeError:
                return None

        async with ClientSession(cookie_jar=DummyCookieJar()) as session:
            browser.use(shared, Role.VIEWER)
            guests = await asyncio.gather(*(watch(session) for _ in range(3 * MOST_VIEWERS)))
            assert 0 < sum(each is not None for each in guests) < MOST_VIEWERS
            browser.use(shared, Role.ADMIN)
            assert await watch(session) is not None

    visiting(tmp_path, scene)


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Cookie": f"{COOKIE}=\udcff\udcfe"}, 401),
        ({"Cookie": f"{COOKIE}={'x' * 7000}"}, 401),
        ({"X-CSRF-Token": "\udcff"}, 401),
    ],
)
def test_no_header_of_a_stranger_is_an_error_of_the_page(
    tmp_path: Path, headers: dict[str, str], status: int
) -> None:
    async def scene(browser: Browser, _shared: Context) -> None:
        lines = [f"{name}: {value}" for name, value in headers.items()]
        request = "\r\n".join(["GET /api/days HTTP/1.1", "Host: x", *lines, "", ""])
        port = int(browser.origin.rpartition(":")[2])
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(request.encode(errors="surrogateescape"))
        assert str(status).encode() in await reader.readline()
        writer.close()

    visiting(tmp_path, scene)


def test_a_body_that_is_not_encoded_as_it_says_is_refused(tmp_path: Path) -> None:
    async def scene(browser: Browser, shared: Context) -> None:
        headers = {"Content-Encoding": "deflate"}
        answer = await browser.ask("POST", "/login", headers, data=b"x" * 20)
        assert answer.status == 400
        browser.use(shared, Role.ADMIN)
        answer = await browser.ask("PUT", "/api/zones", headers, data=b"x" * 20)
        assert answer.status == 400

    visiting(tmp_path, scene)


def test_recordings_are_given_by_ranges_and_no_other_file_is(tmp_path: Path) -> None:
    (segment,) = record(tmp_path / "recordings", 1)
    content = segment.read_bytes()

    async def scene(browser: Browser, shared: Context) -> None:
        browser.use(shared, Role.VIEWER)
        assert await (await browser.ask("GET", "/api/days")).json() == ["2026-07-14"]
        listed = await (await browser.ask("GET", "/api/days/2026-07-14")).json()
        assert [each["name"] for each in listed] == [segment.name]
        part = await browser.ask("GET", f"/api/recordings/{segment.name}", {"Range": "bytes=10-19"})
        assert (part.status, await part.read()) == (206, content[10:20])
        verified = await browser.ask("GET", f"/api/recordings/{segment.name}/verify")
        assert await verified.json() == {"state": "kept"}
        segment.write_bytes(content[:-1] + b"x")
        verified = await browser.ask("GET", f"/api/recordings/{segment.name}/verify")
        assert await verified.json() == {"state": "altered"}
        for name in ("evidence.jsonl", "..%2f..%2fetc%2fpasswd", "x.mp4"):
            for what in ("", "/fragments", "/verify", "/download"):
                assert (await browser.ask("GET", f"/api/recordings/{name}{what}")).status == 404
        for day in ("today", "9999-12-31", "0001-01-01"):
            assert (await browser.ask("GET", f"/api/days/{day}")).status == 404

    visiting(tmp_path, scene)


def test_a_change_is_told_though_size_and_time_of_the_file_are_as_before(tmp_path: Path) -> None:
    (segment,) = record(tmp_path / "recordings", 1)

    async def scene(browser: Browser, shared: Context) -> None:
        browser.use(shared, Role.VIEWER)
        address = f"/api/recordings/{segment.name}/verify"
        assert await (await browser.ask("GET", address)).json() == {"state": "kept"}
        facts = segment.stat()
        segment.write_bytes(segment.read_bytes()[:-1] + b"x")
        os.utime(segment, ns=(facts.st_atime_ns, facts.st_mtime_ns))
        assert await (await browser.ask("GET", address)).json() == {"state": "altered"}

    visiting(tmp_path, scene)


def test_recordings_that_cannot_be_read_are_told(tmp_path: Path) -> None:
    async def scene(browser: Browser, shared: Context) -> None:
        browser.use(shared, Role.VIEWER)
        assert (await browser.ask("GET", "/api/days")).status == 503
        health = await (await browser.ask("GET", "/api/health")).json()
        assert (health["disk"], health["status"]["state"]) == (None, "recording")

    visiting(tmp_path, scene)
