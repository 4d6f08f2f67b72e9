"""The recorder against disks that fail: each failure is one event, then recording goes on."""

import errno
import os
import threading
from itertools import pairwise
from pathlib import Path

import pytest

from anoncam.events.event import Event
from anoncam.recording.recordings_folder import RecordingsFolder
from anoncam.recording.retention import Retention
from anoncam.recording.segment_recorder import SegmentRecorder
from anoncam.segments.part_file import PartFile
from tests.support.events import EventLog
from tests.support.recording import Camera, frames_in

pytestmark = pytest.mark.integration


class Fault:
    """While `error` is set, `PartFile.append` fails after half of its bytes."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.error: int | None = None
        original = PartFile.append

        def append(file: PartFile, data: bytes) -> None:
            if self.error is None:
                original(file, data)
                return
            os.write(file._descriptor, data[: len(data) // 2])
            raise OSError(self.error, os.strerror(self.error))

        monkeypatch.setattr(PartFile, "append", append)


@pytest.mark.parametrize("error", [errno.ENOSPC, errno.EIO, errno.EROFS])
def test_a_segment_is_cut_when_the_disk_fails_and_another_begins_when_it_works_again(
    tmp_path: Path, event_log: EventLog, monkeypatch: pytest.MonkeyPatch, error: int
) -> None:
    fault = Fault(monkeypatch)
    camera = Camera(tmp_path)
    camera.film(25)
    camera.film_until(lambda: camera.recorder.facts.open_bytes > 0)
    fault.error = error
    camera.film_until(lambda: bool(event_log.of(Event.STORAGE_FAILED)))
    camera.film_until(lambda: bool(event_log.of(Event.SEGMENT_FINISHED)))
    camera.film(50)
    assert camera.recorder.facts.state == "failed"
    fault.error = None
    camera.clock.advance(1.5)
    camera.film_until(lambda: bool(event_log.of(Event.STORAGE_BACK)))
    camera.recorder.finish()
    assert len(event_log.of(Event.STORAGE_FAILED)) == 1
    assert len(event_log.of(Event.STORAGE_BACK)) == 1
    assert camera.recorder.facts.dropped_fragments >= 5
    files = sorted(tmp_path.glob("*_*.mp4*"))
    assert [file.suffix for file in files] == [".mp4", ".mp4"]
    finished = event_log.of(Event.SEGMENT_FINISHED)
    frames = [frames_in(file) for file in files]
    assert frames == [fields["frames"] for fields in finished]
    assert camera.recorder.facts.frames_on_disk == sum(frames)


def test_a_disk_that_stays_full_is_one_event_and_is_tried_less_and_less_often(
    tmp_path: Path, event_log: EventLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    fault = Fault(monkeypatch)
    fault.error = errno.ENOSPC
    camera = Camera(tmp_path)
    attempts: list[float] = []
    for second in range(0, 40):
        camera.film_until(lambda: camera.at_rest("failed"))
        camera.clock.advance(1.0)
        before = camera.recorder.facts.state
        camera.film(1)
        if before == "failed" and camera.recorder.facts.state == "retrying":
            attempts.append(second)
    camera.recorder.finish()
    assert len(event_log.of(Event.STORAGE_FAILED)) == 1
    assert event_log.of(Event.STORAGE_BACK) == []
    pauses = [after - before for before, after in pairwise(attempts)]
    assert len(pauses) >= 3
    assert pauses == sorted(pauses)
    assert pauses[-1] >= 8
    assert list(tmp_path.glob("*_*.mp4*")) == []


def test_a_deleted_folder_is_noticed_within_a_fragment_and_made_again(
    tmp_path: Path, event_log: EventLog
) -> None:
    folder = tmp_path / "recordings"
    camera = Camera(folder)
    camera.film_until(lambda: camera.recorder.facts.open_bytes > 0)
    for file in folder.iterdir():
        file.unlink()
    folder.rmdir()
    camera.film_until(lambda: bool(event_log.of(Event.STORAGE_FAILED)))
    camera.clock.advance(1.5)
    camera.film_until(lambda: bool(event_log.of(Event.STORAGE_BACK)))
    camera.recorder.finish()
    (file,) = folder.glob("*.mp4")
    assert file.name.startswith("000000002_")
    assert frames_in(file) > 0


def test_nothing_is_written_below_the_mount_point_of_a_detached_disk(
    tmp_path: Path, event_log: EventLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    attached = True
    real = os.path.ismount
    monkeypatch.setattr(
        os.path, "ismount", lambda path: attached if Path(path) == disk else real(path)
    )
    attempts: list[Path] = []
    prepare = RecordingsFolder.prepare

    def counted(folder: RecordingsFolder) -> None:
        attempts.append(folder.path)
        prepare(folder)

    monkeypatch.setattr(RecordingsFolder, "prepare", counted)
    camera = Camera(disk / "recordings")
    camera.film_until(lambda: camera.recorder.facts.open_bytes > 0)
    attached = False
    (disk / "recordings").rename(tmp_path / "elsewhere")
    camera.film_until(lambda: bool(event_log.of(Event.STORAGE_FAILED)))
    camera.clock.advance(1.5)
    camera.film_until(lambda: len(attempts) == 2 and camera.at_rest("failed"))
    assert list(disk.iterdir()) == []
    attached = True
    camera.clock.advance(3)
    camera.film_until(lambda: bool(event_log.of(Event.STORAGE_BACK)))
    camera.recorder.finish()
    assert len(list((disk / "recordings").glob("*.mp4"))) == 1


def test_a_folder_that_cannot_be_made_is_one_event_and_tried_again(
    tmp_path: Path, event_log: EventLog
) -> None:
    (tmp_path / "taken").write_text("a file")
    camera = Camera(tmp_path / "taken" / "recordings")
    event_log.wait_for(Event.STORAGE_FAILED)
    camera.film(30)
    (tmp_path / "taken").unlink()
    camera.clock.advance(1.5)
    camera.film_until(lambda: bool(event_log.of(Event.STORAGE_BACK)))
    camera.recorder.finish()
    assert len(list((tmp_path / "taken/recordings").glob("*.mp4"))) == 1


def test_a_bug_does_not_end_the_storage_thread(
    tmp_path: Path, event_log: EventLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    original = RecordingsFolder.create
    failures = iter([ZeroDivisionError("a bug")])

    def create(*arguments: object) -> PartFile:
        for failure in failures:
            raise failure
        return original(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(RecordingsFolder, "create", create)
    camera = Camera(tmp_path)
    camera.film_until(lambda: bool(event_log.of(Event.STORAGE_FAILED)))
    camera.clock.advance(1.5)
    camera.film_until(lambda: bool(event_log.of(Event.STORAGE_BACK)))
    camera.recorder.finish()


@pytest.mark.parametrize(
    ("place", "name"), [(Retention, "apply"), (SegmentRecorder, "end_stalled")]
)
def test_a_bug_in_what_the_storage_thread_does_besides_does_not_end_it(
    tmp_path: Path, event_log: EventLog, monkeypatch: pytest.MonkeyPatch, place: type, name: str
) -> None:
    called = threading.Event()
    original = getattr(place, name)

    def fail_once(*arguments: object) -> None:
        if called.is_set():
            original(*arguments)
        else:
            called.set()
            raise ZeroDivisionError("a bug")

    monkeypatch.setattr(place, name, fail_once)
    camera = Camera(tmp_path)
    camera.film(15)
    assert called.wait(30)
    camera.clock.advance(1.5)
    camera.film_until(lambda: camera.recorder.facts.open_bytes > 0)
    camera.recorder.finish()
    assert event_log.of(Event.SEGMENT_FINISHED)
