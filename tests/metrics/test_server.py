import socket
import subprocess
import sys
import threading
import urllib.request
from contextlib import closing
from pathlib import Path

import pytest

from anoncam.clock import Stop
from anoncam.metrics import server
from anoncam.metrics.registry import DeviceCollector
from anoncam.metrics.server import FeedFollower, _is_broken, serve
from tests.support.enabled_units import enable
from tests.support.evidence_folder import Recordings, record
from tests.support.fake_feed import STATUS, FakeFeed
from tests.support.frames import FakeClock
from tests.support.running import anoncam

pytestmark = pytest.mark.integration


def test_the_metrics_follow_the_feed_and_its_end(tmp_path: Path) -> None:
    collector, stop = DeviceCollector(), Stop()
    follower = FeedFollower(tmp_path, collector, FakeClock(), stop)
    told = threading.Event()
    take = follower.take

    def taken(status: dict[str, object]) -> None:
        take(status)
        told.set()

    follower.take = taken  # type: ignore[method-assign]
    thread = threading.Thread(target=follower.run)
    with FakeFeed(tmp_path) as feed:
        thread.start()
        feed.wait_for_readers("status")
        feed.tell_status()
        assert told.wait(60)
        assert collector.cameras[""].status is not None
        stop.request()
    thread.join(60)
    assert not thread.is_alive()
    assert collector.cameras[""].status is None


def test_a_chain_that_was_tampered_with_is_found_at_the_next_look(tmp_path: Path) -> None:
    record(tmp_path, 2)
    assert _is_broken(tmp_path) is False
    recordings = Recordings(tmp_path)
    recordings.chain = recordings.chain[:1] + recordings.chain[2:]
    assert _is_broken(tmp_path) is True
    collector, clock = DeviceCollector(), FakeClock()
    follower = FeedFollower(tmp_path, collector, clock, Stop())
    follower.take({**STATUS, "recording": {"folder": str(tmp_path)}})
    assert collector.cameras[""].chain_broken is True


def test_a_port_that_is_taken_is_an_error_with_a_remedy(tmp_path: Path) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as taken:
        port = str(taken.getsockname()[1])
        ended = anoncam("metrics", "--runtime-folder", tmp_path, "--port", port)
    assert (ended.returncode, "choose another by --port" in ended.stderr) == (5, True)


def test_the_command_serves_metrics_until_it_is_stopped(tmp_path: Path) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as free:
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "anoncam", "metrics", "--port", str(port)]
    with FakeFeed(tmp_path) as feed:
        process = subprocess.Popen([*command, "--runtime-folder", str(tmp_path)])
        try:
            # It listens before it reads the feed.
            feed.wait_for_readers("status")
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics") as answer:
                assert b"anoncam_up" in answer.read()
            process.terminate()
            assert process.wait(60) == 0
        finally:
            process.kill()
            process.wait()


def test_a_second_camera_is_found_while_the_first_is_followed(tmp_path: Path) -> None:
    first, door = tmp_path / "anoncam", tmp_path / "anoncam@door"
    first.mkdir()
    stop = Stop()
    with closing(socket.create_server(("127.0.0.1", 0))) as free:
        port = free.getsockname()[1]
    serving = threading.Thread(target=serve, args=(first, "127.0.0.1", port, stop))
    with FakeFeed(first) as feed:
        serving.start()
        feed.wait_for_readers("status")
        door.mkdir()
        with FakeFeed(door) as other:
            other.wait_for_readers("status")
            stop.request()
            serving.join(60)
    assert not serving.is_alive()


def test_a_camera_that_cannot_start_is_down_and_one_that_is_not_enabled_is_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    enable(monkeypatch, tmp_path, "anoncam@garage.service")
    (tmp_path / "anoncam@door").mkdir()
    stop = Stop()
    with closing(socket.create_server(("127.0.0.1", 0))) as free:
        port = free.getsockname()[1]
    serving = threading.Thread(target=serve, args=(tmp_path / "anoncam", "127.0.0.1", port, stop))
    with FakeFeed(tmp_path / "anoncam@door") as feed:
        serving.start()
        feed.wait_for_readers("status")
        feed.tell_status()
        told: list[str] = []
        while len(told) < 2 and serving.is_alive():
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics") as answer:
                lines = answer.read().decode().splitlines()
            told = [each for each in lines if each.startswith("anoncam_up{")]
        assert told == ['anoncam_up{camera="door"} 1.0', 'anoncam_up{camera="garage"} 0.0']
        stop.request()
        serving.join(60)
    assert not serving.is_alive()


def test_a_status_that_is_not_understood_leaves_no_old_one_and_ends_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server, "RETRY", 60.0)
    collector, stop = DeviceCollector(), Stop()
    follower = FeedFollower(tmp_path, collector, FakeClock(), stop)
    follower.take(dict(STATUS))
    thread = threading.Thread(target=follower.run)
    with FakeFeed(tmp_path) as feed:
        thread.start()
        feed.wait_for_readers("status")
        feed.feed.tell_status({"version": "another"})
        feed.wait_until(lambda: "status" not in feed.feed.wanted)
        assert thread.is_alive()
        stop.request()
    thread.join(60)
    assert not thread.is_alive()
    assert collector.cameras[""].status is None
