"""The counts in the last message are those of frames that have reached the disk."""

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.recording import frames_in
from tests.support.running import RunningDaemon

pytestmark = pytest.mark.integration

SYNTHETIC = "source: {type: synthetic, width: 320, height: 240}\n"

DISK_THAT_FAILS_AFTER_TWO_SECONDS = """
import errno, os
sync, times = os.fdatasync, iter(range(2))

def fail(descriptor):
    if next(times, None) is None:
        raise OSError(errno.EIO, os.strerror(errno.EIO))
    sync(descriptor)

os.fdatasync = fail
"""


@pytest.fixture
def stopped(tmp_path: Path) -> Callable[[str], RunningDaemon]:
    def run(spoiled_by: str) -> RunningDaemon:
        running = RunningDaemon(tmp_path, SYNTHETIC, spoiled_by=spoiled_by)
        try:
            running.wait_until(lambda status: status["counts"]["recorded"] >= 120)
            assert running.stop() == 0
        finally:
            running.kill()
        return running

    return run


@pytest.mark.parametrize("spoiled_by", ["", DISK_THAT_FAILS_AFTER_TWO_SECONDS])
def test_a_stop_reports_the_frames_that_play(
    stopped: Callable[[str], RunningDaemon], spoiled_by: str
) -> None:
    running = stopped(spoiled_by)
    frames = sum(map(frames_in, running.recordings()))
    (sentence,) = running.of("stopped")
    found = re.fullmatch(r"stopped after (\d+) recorded frames, (\d+) of them veiled", sentence)
    assert found is not None
    veiled = sum(
        json.loads(path.with_suffix(".json").read_text())["frames_veiled"]
        for path in running.recordings()
    )
    assert (int(found[1]), int(found[2])) == (frames, veiled)
    handed = running.status()["counts"]["recorded"]
    assert frames < handed if spoiled_by else frames == handed
