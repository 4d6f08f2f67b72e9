"""The bridge against a real Mosquitto, from a real feed."""

import contextlib
import json
import os
import queue
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from anoncam.clock import Stop, SystemClock
from anoncam.config import outlets
from anoncam.config.folders import Folders
from anoncam.config.schema import Config
from anoncam.events.event import Event
from anoncam.mqtt.bridges import Bridges
from anoncam.mqtt.topics import BIRTH, Topics
from tests.support.events import EventLog
from tests.support.fake_feed import FakeFeed
from tests.support.programs import needs

pytest.importorskip("paho.mqtt.client", reason="paho-mqtt is missing: pip install paho-mqtt")
from tests.support.mosquitto import PASSWORD, USER, Listener, Mosquitto

pytestmark = pytest.mark.integration

TOPICS = Topics.of("garden")


@pytest.fixture
def broker(tmp_path: Path) -> Mosquitto:
    needs("mosquitto", "mosquitto")
    return Mosquitto(tmp_path / "broker")


@pytest.fixture
def folder(tmp_path: Path, broker: Mosquitto) -> Path:
    """The daemon's runtime folder, with the settings of the broker."""
    made = tmp_path / "run"
    made.mkdir()
    configure(made, broker)
    return made


def configure(folder: Path, broker: Mosquitto, **changes: object) -> None:
    settings = {"host": "localhost", "port": broker.port, "user": USER, "name": "garden"}
    config = Config.model_validate({"mqtt": {**settings, "snapshots": 1, **changes}})
    outlets.publish(config, Folders(folder, folder))


@contextlib.contextmanager
def bridging(folder: Path, password: str = PASSWORD) -> Iterator[None]:
    bridge = Bridges(folder, password, SystemClock(), Stop())
    thread = threading.Thread(target=bridge.run)
    thread.start()
    try:
        yield
    finally:
        bridge.close()
        thread.join(30)
        assert not thread.is_alive()


def test_home_assistant_is_told_of_the_camera_and_of_what_it_does(
    broker: Mosquitto, folder: Path
) -> None:
    with broker.up(), broker.listener() as heard, FakeFeed(folder) as feed:
        with bridging(folder):
            feed.wait_for_readers("status", "event")
            feed.tell_status()
            assert heard.wait_for(TOPICS.availability) == b"online"
            device = heard.wait_for_json(TOPICS.discovery)
            assert device["device"]["name"] == "garden"
            told = heard.wait_for_json(TOPICS.state, recording="ON", veiled="OFF")
            assert (told["faces"], told["disk_free"]) == (1, 10.0)
            feed.feed.tell_event({"event": "veil-began", "at": "now", "message": "veiled"})
            assert heard.wait_for_json(TOPICS.event)["event"] == "veil-began"
            feed.tell_status(state="waiting-for-camera")
            heard.wait_for_json(TOPICS.state, recording="OFF")
        assert heard.wait_for(TOPICS.availability, lambda word: word == b"offline")


def test_a_snapshot_is_a_picture_of_the_feed(broker: Mosquitto, folder: Path) -> None:
    with broker.up(), broker.listener() as heard, FakeFeed(folder) as feed, bridging(folder):
        feed.wait_for_readers("status")
        feed.tell_status()
        feed.wait_for_readers("picture")
        feed.film(1)
        assert heard.wait_for(TOPICS.snapshot)[:3] == b"\xff\xd8\xff"


def test_a_broker_that_starts_again_is_told_everything_again(
    broker: Mosquitto, folder: Path, event_log: EventLog
) -> None:
    with FakeFeed(folder) as feed, bridging(folder):
        for restarts in range(2):
            with broker.up(), broker.listener() as heard:
                feed.wait_for_readers("status")
                heard.wait_for(TOPICS.availability, lambda word: word == b"online")
                feed.tell_status(fps=float(restarts))
                heard.wait_for(TOPICS.discovery)
                heard.wait_for(TOPICS.state)
            event_log.wait_for(Event.OUTLET_FAILED, restarts + 1)
    assert len(event_log.of(Event.OUTLET_BACK)) >= 1


def test_home_assistant_that_starts_again_is_told_everything_again(
    broker: Mosquitto, folder: Path
) -> None:
    with broker.up(), broker.listener() as heard, FakeFeed(folder) as feed, bridging(folder):
        feed.wait_for_readers("status")
        feed.tell_status()
        heard.wait_for(TOPICS.state)
        heard.forget()
        heard.say(BIRTH, "online")
        # It is told with the next status: one has to come after its words have arrived.
        tell_until(feed, heard, TOPICS.discovery)


def tell_until(feed: FakeFeed, heard: Listener, topic: str) -> None:
    """Tell the status as the daemon does, again and again, until something comes."""
    done = threading.Event()

    def tell() -> None:
        while not done.wait(0.2):
            feed.tell_status()

    teller = threading.Thread(target=tell)
    teller.start()
    try:
        heard.wait_for(topic)
    finally:
        done.set()
        teller.join()


def test_a_wrong_password_is_one_event_and_nothing_is_told(
    broker: Mosquitto, folder: Path, event_log: EventLog
) -> None:
    with broker.up(), broker.listener() as heard, FakeFeed(folder):
        with bridging(folder, "wrong"):
            failed = event_log.wait_for(Event.OUTLET_FAILED)
        assert "refuses the connection" in str(failed[0]["reason"])
        assert "not authori" in str(failed[0]["reason"]).lower()
        assert len(event_log.of(Event.OUTLET_FAILED)) == 1
        assert heard.of(TOPICS.discovery) == []


def test_a_bridge_that_is_killed_is_offline_by_its_last_will(
    broker: Mosquitto, folder: Path, tmp_path: Path
) -> None:
    password = tmp_path / "password"
    password.write_text(f"{PASSWORD}\n")
    with broker.up(), broker.listener() as heard, FakeFeed(folder) as feed:
        process = subprocess.Popen(
            [
                *(sys.executable, "-m", "anoncam", "mqtt", "--state-folder", str(folder)),
                *("--password-file", str(password)),
            ],
            env=os.environ,
        )
        try:
            feed.wait_for_readers("status")
            heard.wait_for(TOPICS.availability, lambda word: word == b"online")
        finally:
            process.send_signal(signal.SIGKILL)
            process.wait()
        heard.wait_for(TOPICS.availability, lambda word: word == b"offline")


def test_a_daemon_that_is_away_does_not_record_and_is_found_again(
    broker: Mosquitto, folder: Path
) -> None:
    with broker.up(), broker.listener() as heard, bridging(folder):
        heard.wait_for_json(TOPICS.state, recording="OFF", faces=None)
        with FakeFeed(folder) as feed:
            feed.wait_for_readers("status")
            feed.tell_status()
            heard.wait_for_json(TOPICS.state, recording="ON")
            heard.forget()
        heard.wait_for_json(TOPICS.state, recording="OFF")


def test_over_tls_with_an_authority_that_the_machine_knows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    needs("mosquitto", "mosquitto")
    broker = Mosquitto(tmp_path / "broker", tls=True)
    folder = tmp_path / "run"
    folder.mkdir()
    configure(folder, broker, tls=True)
    monkeypatch.setenv("SSL_CERT_FILE", str(broker.authority))
    with broker.up(), broker.listener() as heard, FakeFeed(folder) as feed, bridging(folder):
        feed.wait_for_readers("status")
        feed.tell_status()
        heard.wait_for_json(TOPICS.state, recording="ON")


# paho leaves the socket to the garbage collector.
@pytest.mark.filterwarnings("ignore:.*SSLSocket:pytest.PytestUnraisableExceptionWarning")
def test_a_certificate_of_an_unknown_authority_is_refused(
    tmp_path: Path, event_log: EventLog
) -> None:
    needs("mosquitto", "mosquitto")
    broker = Mosquitto(tmp_path / "broker", tls=True)
    folder = tmp_path / "run"
    folder.mkdir()
    configure(folder, broker, tls=True)
    with broker.up(), broker.listener() as heard, FakeFeed(folder), bridging(folder):
        failed = event_log.wait_for(Event.OUTLET_FAILED)
        assert "certificate" in str(failed[0]["reason"])
        assert heard.of(TOPICS.availability) == []


def test_another_name_moves_what_the_broker_keeps(broker: Mosquitto, folder: Path) -> None:
    with broker.up(), FakeFeed(folder) as feed, bridging(folder):
        feed.wait_for_readers("status")
        with broker.listener() as heard:
            tell_until(feed, heard, TOPICS.state)
            configure(folder, broker, name="door")
            tell_until(feed, heard, Topics.of("door").state)
        with broker.listener() as later:
            later.wait_for(Topics.of("door").discovery)
            assert [topic for topic in TOPICS.retained if later.of(topic)] == []


def test_after_a_removal_the_broker_keeps_nothing(
    broker: Mosquitto, folder: Path, tmp_path: Path
) -> None:
    with broker.up():
        with FakeFeed(folder) as feed, broker.listener() as heard, bridging(folder):
            feed.wait_for_readers("status")
            tell_until(feed, heard, TOPICS.state)
        Bridges(folder, PASSWORD, SystemClock(), Stop()).remove()
        with broker.listener() as later:
            later.say("the/end", "of what is kept")
            later.wait_for("the/end")
            assert [topic for topic in TOPICS.retained if later.of(topic)] == []


def test_nothing_that_is_told_holds_a_secret(broker: Mosquitto, folder: Path) -> None:
    with broker.up(), broker.listener() as heard, FakeFeed(folder) as feed, bridging(folder):
        feed.wait_for_readers("status")
        feed.tell_status(source="rtsp://user:hunter2@camera/1")
        feed.feed.tell_event({"event": "source-lost", "message": "rtsp://user:***@camera/1"})
        heard.wait_for(TOPICS.event)
        everything = b"".join(
            message.payload for topic in TOPICS.retained for message in heard.of(topic)
        )
    assert b"hunter2" not in everything
    assert PASSWORD.encode() not in everything
    assert json.loads(heard.of(TOPICS.state)[-1].payload)["recording"] == "ON"


def test_pause_and_restart_reach_the_daemon_and_a_command_that_was_kept_does_not(
    broker: Mosquitto, folder: Path
) -> None:
    asked: queue.SimpleQueue[object] = queue.SimpleQueue()
    with broker.up(), broker.listener() as heard, FakeFeed(folder) as feed:
        heard.say(TOPICS.restart, "PRESS", retain=True)
        for name in ("pause", "restart"):
            feed.feed.requests[name] = lambda request, _user, _answer: asked.put(dict(request))
        with bridging(folder):
            feed.wait_for_readers("status")
            tell_until(feed, heard, TOPICS.discovery)
            heard.say(TOPICS.pause, "ON")
            assert asked.get(timeout=60) == {"pause": True}
            heard.say(TOPICS.pause, "OFF")
            assert asked.get(timeout=60) == {"pause": False}
            heard.say(TOPICS.restart, "PRESS")
            assert asked.get(timeout=60) == {"restart": True}
            assert asked.empty()


def test_each_of_several_cameras_is_a_device_of_its_own(broker: Mosquitto, tmp_path: Path) -> None:
    first, door, gate = (tmp_path / f"anoncam{each}" for each in ("", "@door", "@gate"))
    for each in (first, door, gate):
        each.mkdir()
    configure(first, broker)
    configure(door, broker, name="door")
    # This one tells nobody.
    configure(gate, broker, host=None)
    topics = Topics.of("door")
    with broker.up(), broker.listener() as heard, bridging(first), FakeFeed(first) as feed:
        feed.wait_for_readers("status")
        with FakeFeed(door) as other, FakeFeed(gate):
            other.wait_for_readers("status")
            feed.tell_status()
            other.tell_status(state="waiting-for-camera")
            heard.wait_for_json(TOPICS.state, recording="ON")
            heard.wait_for_json(topics.state, recording="OFF")
            devices = [heard.wait_for_json(each.discovery) for each in (TOPICS, topics)]
            assert [each["device"]["name"] for each in devices] == ["garden", "door"]
    with broker.up():
        with FakeFeed(first), FakeFeed(door), FakeFeed(gate):
            Bridges(first, PASSWORD, SystemClock(), Stop()).remove()
        with broker.listener() as later:
            later.say("the/end", "of what is kept")
            later.wait_for("the/end")
            kept = [*TOPICS.retained, *topics.retained]
            assert [topic for topic in kept if later.of(topic)] == []


def test_of_two_cameras_of_one_name_the_broker_is_told_of_one_until_they_differ(
    broker: Mosquitto, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    first, door = tmp_path / "anoncam", tmp_path / "anoncam@door"
    for each, name in ((first, "garden"), (door, "Garden!")):
        each.mkdir()
        configure(each, broker, name=name)
    with broker.up(), broker.listener() as heard, FakeFeed(first) as feed, bridging(first):
        feed.wait_for_readers("status")
        feed.tell_status()
        heard.wait_for_json(TOPICS.state, recording="ON")
        with FakeFeed(door) as other:
            refusal = f"nothing is told of the camera of {door}"
            for _ in range(600):
                if refusal in caplog.text:
                    break
                threading.Event().wait(0.1)
            configure(door, broker, name="door")
            other.wait_for_readers("status")
            other.tell_status()
            heard.wait_for_json(Topics.of("door").state, recording="ON")
        # The broker would say so of a client whose connection another one has taken.
        assert [each.payload for each in heard.of(TOPICS.availability)] == [b"online"]
    assert caplog.text.count(refusal) == 1
