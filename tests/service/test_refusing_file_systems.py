"""The daemon where state and recordings are on a file system that refuses locks and syncs."""

from pathlib import Path

import pytest

from tests.support.recording import frames_in
from tests.support.running import RunningDaemon

pytestmark = pytest.mark.integration

CONFIG = """
source: {type: synthetic, width: 320, height: 240}
recording: {segment_length: 2}
"""

REFUSING = """
import errno, fcntl, os, stat

def refuse(*_):
    raise OSError(errno.ENOTSUP, os.strerror(errno.ENOTSUP))

fcntl.flock = os.fsync = os.fdatasync = refuse
"""


def test_the_daemon_records_where_locks_and_syncs_are_refused(tmp_path: Path) -> None:
    running = RunningDaemon(tmp_path, CONFIG, spoiled_by=REFUSING)
    try:
        running.wait_for("segment-finished", 3)
        assert running.stop() == 0
    finally:
        running.kill()
    recordings = running.state / "recordings"
    assert sum(map(frames_in, running.recordings())) == running.status()["counts"]["recorded"]
    assert list(recordings.glob("*.part")) == []
    assert running.of("storage-failed") == []
    lines = [line for line in running.lines if "the file system of" in line]
    assert len(lines) == 3, lines
    assert not [line for line in running.lines if "cannot be kept" in line or "cannot keep" in line]
