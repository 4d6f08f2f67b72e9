"""The real daemon with a stage that stands still, and what systemd's watchdog hears of it."""

import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.daemons import Start, record_more, stop_well
from tests.support.rtsp_server import RtspCamera

pytestmark = pytest.mark.integration

FREEZE_RECORDING = """
import threading
from anoncam.service import stage_watch
from anoncam.recording.segment_recorder import SegmentRecorder

stage_watch.STALL = 2.0
write = SegmentRecorder.write

def hang(self, frame):
    if frame.sequence == 30:
        threading.Event().wait()
    write(self, frame)

SegmentRecorder.write = hang
"""

FREEZE_CAPTURE_ONCE = """
from anoncam.service import stage_watch
from anoncam.sources.synthetic import SyntheticSource

stage_watch.STALL = 2.0
read = SyntheticSource.read
frames = 0

def hang(self):
    global frames
    frames += 1
    if frames == 30:
        while not self._stop.wait(60):
            pass
    return read(self)

SyntheticSource.read = hang
"""

SHORT_OPENING = """
from anoncam.service import stage_watch

stage_watch.OPENING = 2.0
"""


def test_a_long_wait_after_a_refused_password_is_not_frozen(daemon: Start) -> None:
    with RtspCamera(user="bob", password="right") as camera:  # noqa: S106 - the stand-in's own
        address = camera.address.replace("//", "//bob:wrong@")
        running = daemon(f"source: {{type: rtsp, address: '{address}'}}\n", None, SHORT_OPENING)
        running.wait_for("camera-waiting")
        time.sleep(5)
        assert not running.of("stage-frozen")
        stop_well(running)


def test_the_watchdog_is_not_fed_while_a_stage_is_frozen_for_good(
    daemon: Start, manager: socket.socket, tmp_path: Path
) -> None:
    running = daemon(
        environment={"NOTIFY_SOCKET": str(tmp_path / "notify")}, spoiled_by=FREEZE_RECORDING
    )
    assert "no progress in recording" in running.wait_for("stage-frozen")
    for _ in range(60):
        if b"WATCHDOG=1" not in manager.recv(4096):
            break
    else:
        raise AssertionError("the watchdog is still fed")
    assert b"WATCHDOG=1" not in manager.recv(4096)
    assert running.stop() == 0
    assert len(running.of("stage-frozen")) == 1


def test_a_stage_that_hangs_once_is_started_again_within_the_process(
    daemon: Start, manager: socket.socket, tmp_path: Path
) -> None:
    running = daemon(
        environment={"NOTIFY_SOCKET": str(tmp_path / "notify")}, spoiled_by=FREEZE_CAPTURE_ONCE
    )
    assert "no progress in capture" in running.wait_for("stage-frozen")
    running.wait_for("source-chosen", 2)
    record_more(running, 30)
    assert running.stop() == 0
    assert len(running.of("stage-frozen")) == 1
    manager.settimeout(0.1)
    notices = b"".join(_all(manager))
    assert notices.count(b"WATCHDOG=1") == notices.count(b"STATUS=")


def test_waiting_for_a_camera_is_ready_and_feeds_the_watchdog(
    daemon: Start, manager: socket.socket, tmp_path: Path
) -> None:
    config = "source: {type: rtsp, address: 'rtsp://127.0.0.1:9/x'}\n"
    running = daemon(config, {"NOTIFY_SOCKET": str(tmp_path / "notify")})
    while b"READY=1" not in (notices := manager.recv(4096)):
        pass
    assert b"STATUS=waiting for a camera since" in notices
    assert b"WATCHDOG=1" in notices
    assert running.stop() == 0


def _all(manager: socket.socket) -> Iterator[bytes]:
    while True:
        try:
            yield manager.recv(4096)
        except TimeoutError:
            return
