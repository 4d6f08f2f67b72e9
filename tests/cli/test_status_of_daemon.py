"""`anoncam status` of the real daemon."""

import json
import signal

import pytest

from anoncam.clock import as_local
from tests.support.daemons import Start, ask, recording

pytestmark = pytest.mark.integration


def test_a_running_daemon_and_a_stopped_one_are_reported(daemon: Start) -> None:
    running = recording(daemon())
    code, printed, _ = ask(running, "status", "--json")
    assert code == 0
    status = json.loads(printed)
    assert (status["verdict"], status["pid"]) == ("recording", running.process.pid)
    assert status["fps"] > 0
    assert status["recording"]["free_bytes"] > 0
    running.stop()
    at = as_local(running.status()["at"])
    assert ask(running, "status")[:2] == (
        3,
        f"anoncam is not running\nlast known  {at}: stopped\nstate in    {running.state}\n",
    )


def test_a_daemon_that_hangs_is_reported(daemon: Start) -> None:
    running = recording(daemon())
    running.process.send_signal(signal.SIGSTOP)
    status = running.state / "status.json"
    old = json.loads(status.read_text())
    status.write_text(json.dumps(old | {"at": "2026-01-01T00:00:00+00:00"}))
    code, printed, _ = ask(running, "status")
    running.process.send_signal(signal.SIGCONT)
    assert (code, "it hangs" in printed) == (9, True)
