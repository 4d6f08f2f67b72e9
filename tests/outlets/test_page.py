"""The page in a real browser, over a real daemon that films a face."""

import json
import queue
import re
import tarfile
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from playwright import sync_api

from anoncam.clock import SystemClock
from anoncam.doctor.check import ok, problem
from anoncam.doctor.published import publish
from tests.outlets.conftest import log_in
from tests.support.daemons import record_more
from tests.support.fake_feed import STATUS, FakeFeed
from tests.support.page import GUEST, SIZE, Page, clear_luma, face_of_film, served
from tests.support.running import RunningDaemon

pytestmark = pytest.mark.integration

LUMA = """(id) => {
  const video = document.getElementById(id);
  const canvas = document.createElement("canvas");
  canvas.width = video.videoWidth; canvas.height = video.videoHeight;
  const pen = canvas.getContext("2d");
  pen.drawImage(video, 0, 0);
  const data = pen.getImageData(0, 0, canvas.width, canvas.height).data;
  const luma = [];
  for (let at = 0; at < data.length; at += 4)
    luma.push(Math.round(0.299 * data[at] + 0.587 * data[at + 1] + 0.114 * data[at + 2]));
  return luma;
}"""


def until(window: sync_api.Page, condition: str, argument: object = None) -> None:
    """Wait for a condition; the page's policy forbids Playwright's own way."""
    for _ in range(600):
        if window.evaluate(condition, argument):
            return
        window.wait_for_timeout(100)
    raise AssertionError(f"it did not happen: {condition}")


def picture(window: sync_api.Page, video: str) -> NDArray[np.float64]:
    """The luma that a video of the page shows now, decoded by the browser."""
    luma = np.asarray(window.evaluate(LUMA, video), np.float64)
    return luma.reshape(SIZE[1], SIZE[0])


def likeness(one: NDArray[Any], other: NDArray[Any]) -> float:
    """Correlation of two pictures; the film trembles by some pixels."""
    return float(np.corrcoef(one.ravel(), other.ravel())[0, 1])


def plays(window: sync_api.Page, video: str, seconds: float = 1.5) -> None:
    """Wait until the time of a video has advanced."""
    before = window.evaluate("id => document.getElementById(id).currentTime", video)
    until(
        window,
        "([id, time]) => document.getElementById(id).currentTime > time",
        [video, before + seconds],
    )


BODY = np.s_[330:470, 20:400]


def clear_picture(window: sync_api.Page, video: str) -> NDArray[np.float64]:
    """What a video shows as soon as it is not veiled, as it may be on a busy machine."""
    clear = clear_luma()
    for _ in range(300):
        shown = picture(window, video)
        if likeness(shown[BODY], clear[BODY]) > 0.8:
            return shown
        window.wait_for_timeout(200)
    raise AssertionError("the picture stays veiled")


def assert_face_is_covered(shown: NDArray[np.float64]) -> None:
    x, y, width, height = face_of_film()
    face = np.s_[y : y + height, x : x + width]
    assert likeness(shown[face], clear_luma()[face]) < 0.5


def test_the_live_picture_plays_within_seconds_and_the_face_in_it_is_covered(
    page: Page, visitor: sync_api.Page
) -> None:
    log_in(visitor, page)
    until(visitor, "document.getElementById('live-video').videoWidth === 640")
    plays(visitor, "live-video", 3)
    assert_face_is_covered(clear_picture(visitor, "live-video"))
    assert "face" in visitor.inner_text("#live-state")


def test_a_browser_without_media_source_gets_a_still_picture_each_second(
    page: Page, visitor: sync_api.Page
) -> None:
    visitor.add_init_script("delete window.MediaSource; delete window.ManagedMediaSource;")
    log_in(visitor, page)
    visitor.wait_for_selector("#live-picture:not([hidden])")
    before = visitor.get_attribute("#live-picture", "src")
    until(visitor, "before => document.getElementById('live-picture').src !== before", before)
    assert visitor.evaluate("document.getElementById('live-picture').naturalWidth") == SIZE[0]


def test_recorded_segments_play_with_faces_covered_and_without_a_break_between_them(
    page: Page, filming: RunningDaemon, visitor: sync_api.Page
) -> None:
    filming.wait_for("segment-finished", 2)
    log_in(visitor, page)
    visitor.click("nav a[href='#recordings']")
    rows = visitor.locator("#segments tr")
    visitor.wait_for_selector("#segments tr:nth-child(3)")
    rows.last.get_by_role("button", name=re.compile("Play")).click()
    until(visitor, "document.getElementById('player').videoWidth === 640")
    plays(visitor, "player", 6)
    assert_face_is_covered(clear_picture(visitor, "player"))
    assert visitor.inner_text("#position")


def test_a_segment_is_verified_and_downloaded_with_its_evidence(
    page: Page, filming: RunningDaemon, visitor: sync_api.Page, tmp_path: Path
) -> None:
    filming.wait_for("segment-finished")
    log_in(visitor, page)
    visitor.click("nav a[href='#recordings']")
    row = visitor.locator("#segments tr").last
    row.get_by_role("button", name=re.compile("Verify")).click()
    visitor.wait_for_selector("td .good")
    with visitor.expect_download() as started:
        row.get_by_role("link", name=re.compile("Download")).click()
    archive = tmp_path / "down.tar"
    started.value.save_as(archive)
    with tarfile.open(archive) as opened:
        names = opened.getnames()
        video, sidecar = names[:2]
        content = opened.extractfile(video)
        record = opened.extractfile(sidecar)
        assert content is not None
        assert record is not None
        assert content.read() == (filming.state / "recordings" / video).read_bytes()
        assert json.loads(record.read())["segment"] == video
    assert names[2:] == ["evidence.jsonl"]


def test_a_zone_that_is_drawn_is_covered_in_the_next_pictures_and_can_be_undone(
    page: Page, filming: RunningDaemon, visitor: sync_api.Page
) -> None:
    log_in(visitor, page)
    visitor.click("nav a[href='#zones']")
    until(visitor, "document.getElementById('zones-video').videoWidth === 640")
    plays(visitor, "zones-video")
    box = visitor.locator("#zones-canvas").bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] * 0.2, box["y"] + box["height"] * 0.7
    visitor.mouse.move(x, y)
    visitor.mouse.down()
    visitor.mouse.move(x + box["width"] * 0.3, y + box["height"] * 0.25, steps=5)
    visitor.mouse.up()
    visitor.wait_for_selector("#zones-list li")
    assert filming.status()["zones"]["added"] == []
    visitor.click("#zones-save")
    until(visitor, "document.getElementById('zones-state').textContent.includes('covered from')")
    filming.wait_for("zones-changed")
    (zone,) = (
        filming.status()["zones"]["added"]
        or filming.wait_until(lambda status: bool(status["zones"]["added"]))["zones"]["added"]
    )
    plays(visitor, "zones-video", 4)
    shown = picture(visitor, "zones-video")
    corners = np.array(zone) * SIZE
    (left, top), (right, bottom) = corners.min(0).astype(int) + 8, corners.max(0).astype(int) - 8
    assert likeness(shown[top:bottom, left:right], clear_luma()[top:bottom, left:right]) < 0.5
    status = record_more(filming, 10)
    assert status["counts"]["dropped"] == 0
    visitor.click("#zones-undo")
    filming.wait_for("zones-changed", 2)
    filming.wait_until(lambda status: status["zones"]["added"] == [])
    assert len(filming.status()["zones"]["configured"]) == 1


def test_a_guest_watches_and_cannot_change_anything(
    page: Page, filming: RunningDaemon, visitor: sync_api.Page
) -> None:
    log_in(visitor, page, GUEST)
    visitor.click("nav a[href='#zones']")
    visitor.wait_for_selector("#zones-role:not([hidden])")
    assert visitor.locator("#zones-edit").is_hidden()
    answer = visitor.evaluate(
        """async () => {
          const { csrf } = await (await fetch("/api/session")).json();
          const sent = await fetch("/api/zones", {
            method: "PUT", headers: { "X-CSRF-Token": csrf }, body: '{"zones": []}' });
          return sent.status;
        }"""
    )
    assert answer == 403
    assert filming.of("zones-changed") == []


def test_five_wrong_passwords_make_one_wait(page: Page, visitor: sync_api.Page) -> None:
    visitor.goto(page.address)
    for _ in range(5):
        visitor.fill("#password", "guessed wrongly")
        with visitor.expect_response("**/login") as answered:
            visitor.click("button[type=submit]")
        assert answered.value.status == 401
        until(visitor, "document.getElementById('problem').textContent !== ''")
    with visitor.expect_response("**/login") as answered:
        visitor.click("button[type=submit]")
    assert answered.value.status == 429
    until(visitor, "document.getElementById('problem').textContent.includes('wait')")


def test_a_session_that_has_ended_leads_to_the_log_in(page: Page, visitor: sync_api.Page) -> None:
    log_in(visitor, page)
    visitor.context.clear_cookies()
    visitor.click("nav a[href='#recordings']")
    visitor.wait_for_url("**/login.html")


def test_a_daemon_that_is_killed_while_one_watches_is_told_in_words(
    page: Page, filming: RunningDaemon, visitor: sync_api.Page
) -> None:
    log_in(visitor, page)
    plays(visitor, "live-video")
    filming.process.kill()
    until(visitor, "document.getElementById('live-state').textContent.includes('does not run')")
    assert page.process.poll() is None


def test_health_shows_what_the_status_says(page: Page, visitor: sync_api.Page) -> None:
    log_in(visitor, page)
    visitor.click("nav a[href='#health']")
    until(visitor, "document.getElementById('facts').textContent.includes('recorded')")
    assert "ms per result" in visitor.inner_text("#facts")
    assert visitor.locator("#plots figure").count() == 6


def test_health_shows_what_doctor_has_found(
    page: Page, filming: RunningDaemon, visitor: sync_api.Page
) -> None:
    found = [
        problem("power", "throttled (0x5)", "the voltage is too low now", "a short cable"),
        ok("clock", "it is synchronised"),
    ]
    publish(filming.state, found, SystemClock())
    log_in(visitor, page)
    visitor.click("nav a[href='#health']")
    until(visitor, "document.getElementById('findings').textContent.includes('1 problem found')")
    shown = visitor.inner_text("#findings")
    assert "Cause: the voltage is too low now" in shown
    assert "What helps: a short cable" in shown
    assert "synchronised" not in shown
    visitor.click("#findings summary")
    assert "synchronised" in visitor.inner_text("#findings")


def test_the_page_asks_no_other_host_and_obeys_its_policy(
    page: Page, visitor: sync_api.Page
) -> None:
    asked: list[str] = []
    refused: list[str] = []
    visitor.on("request", lambda request: asked.append(request.url))
    visitor.on("console", lambda line: refused.append(line.text) if line.type == "error" else None)
    log_in(visitor, page)
    for part in ("recordings", "health", "zones", "live"):
        visitor.click(f"nav a[href='#{part}']")
        visitor.wait_for_selector(f"#{part}:not([hidden])")
    assert {url for url in asked if not url.startswith((page.address, "blob:"))} == set()
    assert refused == []


def test_axe_finds_nothing_that_keeps_people_out_in_light_and_dark(
    page: Page, visitor: sync_api.Page
) -> None:
    axe = (resources.files("axe_playwright_python") / "axe.min.js").read_text()
    log_in(visitor, page)
    for scheme in ("light", "dark"):
        visitor.emulate_media(color_scheme=scheme)
        for part in ("live", "recordings", "health", "zones"):
            visitor.click(f"nav a[href='#{part}']")
            visitor.wait_for_selector(f"#{part}:not([hidden])")
            visitor.evaluate(axe)
            found = visitor.evaluate("() => axe.run()")["violations"]
            serious = [each for each in found if each["impact"] in {"serious", "critical"}]
            assert [(each["id"], each["nodes"][0]["html"]) for each in serious] == []


def test_the_page_fits_on_a_phone(page: Page, visitor: sync_api.Page) -> None:
    visitor.set_viewport_size({"width": 360, "height": 640})
    log_in(visitor, page)
    for part in ("live", "recordings", "health", "zones"):
        visitor.click(f"nav a[href='#{part}']")
        visitor.wait_for_selector(f"#{part}:not([hidden])")
        assert visitor.evaluate("document.documentElement.scrollWidth") <= 360


def test_the_whole_page_is_below_300_kb() -> None:
    files = (resources.files("anoncam.web") / "static").iterdir()
    assert sum(len(file.read_bytes()) for file in files) < 300_000


def test_one_chooses_between_two_cameras_and_each_shows_its_own(
    page: Page, filming: RunningDaemon, visitor: sync_api.Page
) -> None:
    door = filming.state.with_name(f"{filming.state.name}@door")
    log_in(visitor, page)
    assert visitor.locator("#camera").is_hidden()
    door.mkdir()
    with FakeFeed(door) as feed:
        until_listed(visitor, feed)
        visitor.reload()
        visitor.wait_for_selector("#camera")
        assert visitor.locator("#camera option").all_inner_texts() == [
            "anoncam: recording",
            "door: veiled",
        ]
        visitor.click("nav a[href='#health']")
        visitor.select_option("#camera", "door")
        visitor.wait_for_url("**/?camera=door#health")
        until(visitor, "document.getElementById('facts').textContent.includes('no results come')")
        visitor.click("nav a[href='#live']")
        feed.wait_for_readers("fragment")


def test_added_zones_stay_with_the_camera_when_another_one_comes_before_it(
    visitor: sync_api.Page, tmp_path: Path
) -> None:
    first, door = tmp_path / "anoncam", tmp_path / "anoncam@door"
    asked: queue.SimpleQueue[object] = queue.SimpleQueue()
    names = "(await (await fetch('/api/cameras')).json()).map((each) => each.name).join()"
    with served(first, tmp_path / "web") as page, FakeFeed(door) as feed:
        feed.feed.requests["zones"] = lambda request, _user, _answer: asked.put(request["zones"])
        feed.wait_for_readers("status")
        feed.tell_status()
        log_in(visitor, page)
        until(visitor, f"async () => {names} === 'door'")
        visitor.reload()
        visitor.wait_for_selector("html[data-ready=yes]")
        with FakeFeed(first) as other:
            other.wait_for_readers("status")
            other.tell_status()
            until(visitor, f"async () => {names} === ',door'")
            visitor.click("nav a[href='#zones']")
            visitor.click("#zone-add")
            visitor.click("#zones-save")
            assert asked.get(timeout=60)


def until_listed(window: sync_api.Page, feed: FakeFeed) -> None:
    """Tell the status of a second camera until the page knows it."""
    counts = {**STATUS["counts"], "veil": "no results come"}
    for _ in range(300):
        feed.tell_status(counts=counts)
        answer = "async () => (await (await fetch('/api/cameras')).json()).length"
        if window.evaluate(answer) == 2:
            return
        window.wait_for_timeout(100)
    raise AssertionError("the second camera is not listed")
