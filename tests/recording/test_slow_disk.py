"""The recorder against disks that are slow: no frame waits for them, and memory stays bounded."""

import os
import threading
from pathlib import Path

import pytest

from anoncam.events.event import Event
from anoncam.recording import segment_recorder as recorder_module
from tests.support.events import EventLog
from tests.support.recording import Camera, frames_in

pytestmark = pytest.mark.integration


def test_a_disk_that_hangs_delays_no_frame_and_takes_no_more_memory(
    tmp_path: Path, event_log: EventLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recorder_module, "_SMALLEST_QUEUE", 20_000)
    monkeypatch.setattr(recorder_module, "_QUEUE_SECONDS", 0)
    hang, hanging = threading.Event(), threading.Event()
    original = os.fdatasync

    def fdatasync(descriptor: int) -> None:
        hanging.set()
        assert hang.wait(60)
        original(descriptor)

    monkeypatch.setattr(os, "fdatasync", fdatasync)
    camera = Camera(tmp_path)
    camera.film(15)
    assert hanging.wait(30)
    camera.film(2000)
    assert len(event_log.of(Event.STORAGE_FAILED)) == 1
    assert "too slow" in str(event_log.of(Event.STORAGE_FAILED)[0]["reason"])
    assert camera.recorder._storage._queue.queued_bytes <= 20_000
    assert camera.recorder.facts.dropped_fragments > 100
    hang.set()
    cut = event_log.wait_for(Event.SEGMENT_FINISHED)[0]
    camera.clock.advance(1.5)
    camera.film_until(lambda: bool(event_log.of(Event.STORAGE_BACK)))
    camera.recorder.finish()
    first, second = sorted(tmp_path.glob("*.mp4"))
    assert frames_in(first) == cut["frames"]
    assert frames_in(second) > 0


def test_all_fragments_that_wait_for_a_slow_disk_are_written_with_one_sync(
    tmp_path: Path, event_log: EventLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    hang, hanging = threading.Event(), threading.Event()
    original, syncs = os.fdatasync, []

    def fdatasync(descriptor: int) -> None:
        hanging.set()
        assert hang.wait(60)
        syncs.append(descriptor)
        original(descriptor)

    monkeypatch.setattr(os, "fdatasync", fdatasync)
    camera = Camera(tmp_path)
    camera.film(11)
    assert hanging.wait(30)
    camera.film(94)
    hang.set()
    camera.recorder.finish()
    assert len(syncs) == 2
    assert event_log.of(Event.SEGMENT_FINISHED)[0]["frames"] == 105
    (file,) = tmp_path.glob("*.mp4")
    assert frames_in(file) == 105


def test_a_stop_does_not_wait_for_a_disk_that_hangs(
    tmp_path: Path, event_log: EventLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recorder_module, "_CLOSE_TIMEOUT", 0.1)
    hang = threading.Event()
    monkeypatch.setattr(os, "fdatasync", lambda _: hang.wait(60))
    camera = Camera(tmp_path)
    camera.film(15)
    camera.recorder.finish()
    assert len(event_log.of(Event.STORAGE_FAILED)) == 1
    assert len(list(tmp_path.glob("*.part"))) == 1
    hang.set()
    camera.recorder._storage._thread.join(30)
    assert [file.suffix for file in tmp_path.glob("*_*.mp4*")] == [".mp4"]
