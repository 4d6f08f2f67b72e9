"""The daemons of one test, and questions to them."""

import contextlib
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from tests.support.running import RunningDaemon, anoncam

SYNTHETIC = "source: {type: synthetic, width: 320, height: 240}\n"

STOPS_WITHIN = 10
"""Seconds: far more than the promised 3, and far less than any wait for a detector or a network."""

Start = Callable[..., RunningDaemon]


@contextlib.contextmanager
def daemons(folder: Path) -> Iterator[Start]:
    """Starts daemons in `folder`; those that still run at the end are killed."""
    running: list[RunningDaemon] = []

    def start(
        config: str = SYNTHETIC, environment: dict[str, str] | None = None, spoiled_by: str = ""
    ) -> RunningDaemon:
        running.append(RunningDaemon(folder, config, environment, spoiled_by))
        return running[-1]

    try:
        yield start
    finally:
        for each in running:
            each.kill()


def recorded(count: int) -> Callable[[dict[str, Any]], bool]:
    """Whether a status has `count` recorded frames or more."""
    return lambda status: bool(status["counts"]["recorded"] >= count)


def recording(running: RunningDaemon, frames: int = 20) -> RunningDaemon:
    """Wait until the daemon records, and has `frames`."""
    running.wait_until(lambda status: status["state"] == "recording" and recorded(frames)(status))
    return running


def record_more(running: RunningDaemon, frames: int) -> dict[str, Any]:
    """Wait until the daemon has recorded `frames` more than now; its status."""
    return running.wait_until(recorded(running.status()["counts"]["recorded"] + frames))


def ask(running: RunningDaemon, *arguments: str | Path) -> tuple[int, str, str]:
    """Run a command for the daemon's folder: exit code, output, errors."""
    ended = anoncam(*arguments, environment={"STATE_DIRECTORY": str(running.state)})
    return ended.returncode, ended.stdout, ended.stderr


def stop_well(running: RunningDaemon) -> None:
    """Stop the daemon, in time and without a failure in its log."""
    running.process.send_signal(signal.SIGTERM)
    assert running.process.wait(STOPS_WITHIN) == 0
    running.wait()
    assert not running.of("stage-failed")
    assert "Traceback" not in "\n".join(running.lines)
