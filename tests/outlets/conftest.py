"""What the tests of the page share: a daemon that films a face, its page, and a browser."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright import sync_api

from tests.support.daemons import daemons, recording
from tests.support.page import CHROMIUM, PASSWORD, Page, portrait_film, served
from tests.support.running import RunningDaemon

CONFIG = """
source: {{type: file, address: {film}, loop: true}}
recording: {{encoder: libx264, segment_length: 4}}
anonymizer: {{zones: [[[0.9, 0], [1, 0], [1, 0.2], [0.9, 0.2]]]}}
"""


@pytest.fixture(scope="session")
def browser() -> Iterator[sync_api.Browser]:
    """Debian's Chromium."""
    if CHROMIUM is None:
        pytest.skip("Chromium is not installed: apt install chromium")
    with sync_api.sync_playwright() as playwright:
        # Without a sandbox of its own: tests in a container run as root.
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield started
        started.close()


@pytest.fixture
def filming(tmp_path: Path) -> Iterator[RunningDaemon]:
    """A daemon that records a face."""
    film = portrait_film(tmp_path / "film.mp4")
    with daemons(tmp_path) as start:
        yield recording(start(CONFIG.format(film=film)))


@pytest.fixture
def page(filming: RunningDaemon, tmp_path: Path) -> Iterator[Page]:
    """Its page, as a process of its own."""
    with served(filming.state, tmp_path / "web") as started:
        yield started


@pytest.fixture
def visitor(browser: sync_api.Browser) -> Iterator[sync_api.Page]:
    """A window of the browser; whatever fails in it fails the test."""
    context = browser.new_context(viewport={"width": 1100, "height": 900})
    window = context.new_page()
    window.set_default_timeout(60_000)
    problems: list[str] = []
    window.on("pageerror", lambda error: problems.append(str(error)))
    yield window
    context.close()
    assert problems == []


def log_in(window: sync_api.Page, page: Page, password: str = PASSWORD) -> None:
    """Log in, and wait for the page."""
    window.goto(page.address)
    window.fill("#password", password)
    window.click("button[type=submit]")
    window.wait_for_selector("html[data-ready=yes]")
