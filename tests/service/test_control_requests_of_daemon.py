"""Pause and restart of a real daemon, by a reader of its feed."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from anoncam.feed.client import FeedReader
from anoncam.feed.protocol import Message
from tests.support.daemons import SYNTHETIC, ask, daemons, record_more, recording
from tests.support.evidence_folder import records
from tests.support.running import RunningDaemon

pytestmark = pytest.mark.integration

ALLOWED = SYNTHETIC + "control: {pause: true, restart: true}\n"


@pytest.fixture
def running(tmp_path: Path) -> Iterator[RunningDaemon]:
    with daemons(tmp_path) as start:
        yield recording(start(ALLOWED))


def answer(running: RunningDaemon, request: dict[str, object]) -> Message:
    """What the daemon answers to a request."""
    with FeedReader(running.state, ["status"]) as reader:
        reader.send(request)
        return next(message for message in reader if message.kind == "answer")


def whats(running: RunningDaemon) -> list[object]:
    """What the evidence says was done from the network."""
    found = records(running.state / "recordings")
    return [record["what"] for record in found if record["kind"] == "control"]


def test_a_pause_stops_the_recording_and_is_in_the_evidence(running: RunningDaemon) -> None:
    answer(running, {"pause": True})
    running.wait_until(lambda status: status["recording"]["state"] == "paused")
    running.wait_for("recording-paused")
    running.wait_until(lambda status: status["recording"]["open_segment"] is None)
    paused = running.status()["recording"]["frames_on_disk"]
    assert ask(running, "status")[0] == 7
    # Frames are covered all the time, and none of them reaches the disk.
    record_more(running, 60)
    assert running.status()["recording"]["frames_on_disk"] == paused
    answer(running, {"pause": False})
    running.wait_for("recording-resumed")
    running.wait_until(lambda status: status["recording"]["frames_on_disk"] > paused)
    running.stop()
    assert whats(running) == ["paused", "resumed"]
    code, output, errors = ask(running, "verify")
    assert code == 0, output + errors


def test_a_pause_outlasts_a_new_session_and_ends_with_the_daemon(
    running: RunningDaemon, tmp_path: Path
) -> None:
    answer(running, {"pause": True})
    running.reload(ALLOWED.replace("320", "352"))
    running.wait_for("config-reloaded")
    running.wait_for("source-chosen", 2)
    record_more(running, 30)
    assert running.status()["recording"]["state"] == "paused"
    running.stop()
    with daemons(tmp_path) as start:
        again = recording(start(ALLOWED))
        assert again.status()["recording"]["state"] == "working"


def test_a_restart_ends_the_daemon_well_and_is_in_the_evidence(running: RunningDaemon) -> None:
    answer(running, {"restart": True})
    assert running.wait() == 0
    running.wait_for("restart-requested")
    assert whats(running) == ["restart"]


def test_without_leave_nothing_is_done(tmp_path: Path) -> None:
    with daemons(tmp_path) as start:
        running = recording(start())
        for name in ("pause", "restart"):
            assert "does not allow it" in answer(running, {name: True}).facts["problem"]
        assert record_more(running, 20)["recording"]["state"] == "working"
