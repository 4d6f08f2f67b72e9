"""The real daemon is killed at random instants, with both cores busy, and started again in the same
folders."""

import random
import signal
import threading
from pathlib import Path

from tests.faults.checking import is_well, play, recording_film, showing
from tests.faults.filming import FPS, Film
from tests.faults.stealing import stealing
from tests.support.running import RunningDaemon, anoncam

KILLS = 3

LOST = 1.0 + 2.0
"""Seconds: the fragment that was being made, and generously what one sync may take on a busy
machine."""


def is_up(running: RunningDaemon) -> None:
    """Wait for clear frames; the status of the previous run still lies there."""
    running.wait_until(lambda status: bool(status["pid"] == running.process.pid))
    is_well(running)


def test_whenever_it_is_killed_all_but_the_last_second_is_kept_and_the_next_run_reports_it(
    film: Film, tmp_path: Path
) -> None:
    chance, pause = random.Random(5), threading.Event()
    folder = tmp_path / "state/recordings"
    recorded, unfinished = 0, 0
    for number in range(KILLS):
        with stealing(2, nice=5):
            running = RunningDaemon(tmp_path, recording_film(film))
            try:
                is_up(running)
                assert len(running.of("segment-salvaged")) == unfinished
                assert len(running.of("previous-run-crashed")) == (number > 0)
                pause.wait(chance.uniform(0, 3))
                running.process.send_signal(signal.SIGKILL)
                running.wait()
            finally:
                running.kill()
        recorded += max(0, running.status()["counts"]["recorded"] - round(LOST * FPS))
        unfinished = len(list(folder.glob("*.part")))
    running = RunningDaemon(tmp_path, recording_film(film))
    try:
        is_up(running)
        assert running.stop() == 0
    finally:
        running.kill()
    files = running.recordings()
    assert not list(folder.glob("*.part"))
    assert sum(len(play(path)) for path in files) >= recorded
    assert not list(showing(film, files))
    verified = anoncam("verify", "--quick", folder)
    assert verified.returncode == 0, verified.stdout
