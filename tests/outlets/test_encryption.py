"""The page over TLS in a real browser: with a certificate of its own, and behind nginx and Caddy.

What stands in front runs with the configuration of `docs/web.md`.
"""

import contextlib
import hashlib
import os
import re
import ssl
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright import sync_api

from anoncam.web.certificate import CERTIFICATE, KEY, make_certificate
from tests.outlets.conftest import log_in
from tests.support.checkout import ROOT
from tests.support.fake_feed import FakeFeed
from tests.support.page import Page, served
from tests.support.programs import free_port, needs, serving
from tests.support.rtsp_outlet import filming

pytestmark = pytest.mark.integration

Proxy = Callable[[int, Path], contextlib.AbstractContextManager[int]]

NGINX = """
daemon off; pid {place}/pid; error_log stderr; user root;
events {{}}
http {{
    access_log off; client_body_temp_path {place}/body; proxy_temp_path {place}/proxy;
    fastcgi_temp_path {place}/a; uwsgi_temp_path {place}/b; scgi_temp_path {place}/c;
    {site}
}}
"""
CADDY = "{{\n admin off\n auto_https disable_redirects\n}}\n{site}"


def documented(first: str) -> str:
    """The block of `docs/web.md` that begins with this line."""
    text = (ROOT / "docs/web.md").read_text()
    block = re.search(rf"^    {re.escape(first)}\n(?:    .*\n)+", text, re.MULTILINE)
    assert block is not None
    return block[0]


@contextlib.contextmanager
def nginx(page: int, place: Path) -> Iterator[int]:
    needs("nginx", "nginx-light")
    port = free_port()
    site = documented("server {").replace("listen 443", f"listen 127.0.0.1:{port}")
    site = site.replace("/etc/ssl/garden.pem", str(place / CERTIFICATE))
    site = site.replace("/etc/ssl/garden.key", str(place / KEY)).replace("8443", str(page))
    config = place / "nginx.conf"
    config.write_text(NGINX.format(place=place, site=site))
    command: list[str | Path] = ["nginx", "-p", place, "-c", config]
    with serving(command, port):
        yield port


@contextlib.contextmanager
def caddy(page: int, place: Path) -> Iterator[int]:
    needs("caddy", "caddy")
    port = free_port()
    # Without the internet, nobody signs a certificate for it.
    own = f"https://localhost:{port} {{\n tls {place / CERTIFICATE} {place / KEY}"
    site = documented("garden.example {").replace("garden.example {", own)
    config = place / "Caddyfile"
    config.write_text(CADDY.format(site=site.replace("8443", str(page))))
    command: list[str | Path] = ["caddy", "run", "--config", config, "--adapter", "caddyfile"]
    with serving(command, port, {**os.environ, "HOME": str(place)}):
        yield port


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """The runtime folder of a feed that films."""
    made = tmp_path / "run"
    made.mkdir()
    with FakeFeed(made) as feed, filming(feed):
        yield made


@pytest.fixture
def trusting(browser: sync_api.Browser) -> Iterator[sync_api.Page]:
    """A window of somebody who accepts a certificate that nobody known has signed."""
    context = browser.new_context(ignore_https_errors=True)
    window = context.new_page()
    window.set_default_timeout(60_000)
    yield window
    context.close()


def watch(window: sync_api.Page) -> None:
    """Wait until the live picture plays, and log out by a request that needs token and origin."""
    script = "document.getElementById('live-video').currentTime"
    for _ in range(600):
        if window.evaluate(script) > 1:
            break
        window.wait_for_timeout(100)
    assert window.evaluate(script) > 1
    assert [each["secure"] for each in window.context.cookies()] == [True]
    window.click("#logout")
    window.wait_for_url("**/login.html")
    assert window.context.cookies() == []


def at(port: int, page: Page) -> Page:
    """The page, as it is reached by that port."""
    page.address = f"https://localhost:{port}"
    return page


@pytest.mark.parametrize("proxy", [nginx, caddy])
def test_behind_another_server_one_logs_in_and_watches(
    folder: Path, tmp_path: Path, trusting: sync_api.Page, proxy: Proxy
) -> None:
    place = tmp_path / "proxy"
    make_certificate(place, ("localhost",))
    with served(folder, tmp_path / "web") as page, proxy(page.port, place) as port:
        log_in(trusting, at(port, page))
        watch(trusting)


def test_with_its_own_certificate_it_is_refused_until_one_accepts_it_and_then_works(
    folder: Path, tmp_path: Path, browser: sync_api.Browser, trusting: sync_api.Page
) -> None:
    fingerprint = make_certificate(tmp_path / "web", ("localhost",))
    with served(folder, tmp_path / "web") as page:
        given = ssl.get_server_certificate(("localhost", page.port))
        digest = hashlib.sha256(ssl.PEM_cert_to_DER_cert(given)).hexdigest()
        assert digest == fingerprint.replace(":", "").lower()
        at(page.port, page)
        stranger = browser.new_page()
        with pytest.raises(sync_api.Error, match="ERR_CERT_AUTHORITY_INVALID"):
            stranger.goto(page.address)
        stranger.close()
        log_in(trusting, page)
        watch(trusting)
