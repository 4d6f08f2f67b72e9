"""Recording on file systems that refuse locks, modes or syncs: it goes on, with one warning."""

import errno
import os
from pathlib import Path

import pytest
from pydantic import ByteSize

from anoncam.config.schema import RetentionSettings
from anoncam.events.event import Event
from anoncam.evidence.ledger_writer import LedgerWriter
from anoncam.evidence.verification import State, verify
from anoncam.recording import salvage as salvage_module
from anoncam.recording.recordings_disk import RecordingsDisk
from anoncam.recording.recordings_folder import RecordingsFolder
from anoncam.recording.retention import Retention
from anoncam.recording.salvage import salvage
from anoncam.segments.part_file import PartFile
from anoncam.segments.segment_name import SegmentName, scan
from tests.support.events import EventLog
from tests.support.evidence_folder import record, records
from tests.support.frames import FakeClock
from tests.support.recording import Camera, frames_in
from tests.support.refusing import MandatoryLocks, RefusingFileSystem

pytestmark = pytest.mark.integration

START = FakeClock().utc()


@pytest.fixture
def file_system(monkeypatch: pytest.MonkeyPatch) -> RefusingFileSystem:
    return RefusingFileSystem(monkeypatch)


def is_recorded(folder: Path, segments: int) -> None:
    """All segments play, all have their evidence, and nothing else is left."""
    files = sorted(folder.glob("*.mp4"))
    assert [frames_in(file) for file in files] == [10] * segments
    result = verify(folder, play=True)
    assert [verdict.state for verdict in result.verdicts] == [State.KEPT] * segments
    assert result.problems == []
    assert len(list(folder.glob("*.json"))) == segments
    assert [path.name for path in folder.iterdir() if path.suffix in {".part", ".new"}] == []


def warnings(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [line.getMessage() for line in caplog.records if line.levelname == "WARNING"]


LOCK = [errno.ENOLCK, errno.ENOTSUP, errno.EINVAL, errno.EPERM, errno.ENOSYS, errno.EIO]
SYNC = [errno.EINVAL, errno.ENOTSUP, errno.EPERM, errno.EACCES, errno.ENOSYS]


@pytest.mark.parametrize(
    ("call", "error", "logged"),
    [
        *(("lock", error, "refuses locks") for error in LOCK),
        *(("sync folder", error, "refuses to sync folders") for error in [*SYNC, errno.EBADF]),
        *(("sync file", error, "refuses to sync files") for error in SYNC),
        ("sync data", errno.EINVAL, None),
        ("mode", errno.EPERM, None),
    ],
)
def test_recording_goes_on_with_one_warning_where_a_call_is_refused(
    tmp_path: Path,
    event_log: EventLog,
    caplog: pytest.LogCaptureFixture,
    file_system: RefusingFileSystem,
    call: str,
    error: int,
    logged: str | None,
) -> None:
    file_system.refuse(call, error)
    for segments in (3, 4):
        record(tmp_path, segments)
    is_recorded(tmp_path, 7)
    assert event_log.of(Event.STORAGE_FAILED) == []
    lines = warnings(caplog)
    assert len(lines) == (0 if logged is None else 1)
    assert all(logged in line and os.strerror(error) in line for line in lines if logged)


def test_recording_goes_on_where_everything_is_refused(
    tmp_path: Path,
    event_log: EventLog,
    caplog: pytest.LogCaptureFixture,
    file_system: RefusingFileSystem,
) -> None:
    for call in ("lock", "sync folder", "sync file", "mode", "free space"):
        file_system.refuse(call, errno.ENOTSUP)
    record(tmp_path, 5)
    is_recorded(tmp_path, 5)
    assert event_log.of(Event.STORAGE_FAILED) == []
    assert len(warnings(caplog)) == 3


def test_a_refusal_is_not_tried_again_until_the_folder_is_prepared(
    tmp_path: Path, file_system: RefusingFileSystem
) -> None:
    for call in ("lock", "sync folder", "sync file"):
        file_system.refuse(call, errno.ENOTSUP)
    record(tmp_path, 5)
    # Syncing a file is tried in two ways.
    assert file_system.refused == {"lock": 1, "sync folder": 1, "sync file": 2}
    record(tmp_path, 1)
    assert file_system.refused == {"lock": 2, "sync folder": 2, "sync file": 4}


def test_a_disk_error_of_a_sync_is_not_taken_for_a_refusal(
    tmp_path: Path, event_log: EventLog, file_system: RefusingFileSystem
) -> None:
    file_system.refuse("sync data", errno.EIO)
    camera = Camera(tmp_path)
    camera.film_until(lambda: bool(event_log.of(Event.STORAGE_FAILED)))
    camera.recorder.finish()


@pytest.mark.parametrize("error", [errno.EIO, errno.ENOSPC])
def test_a_segment_that_cannot_be_begun_leaves_no_file(
    tmp_path: Path, file_system: RefusingFileSystem, error: int
) -> None:
    file_system.refuse("sync folder", error)
    with pytest.raises(OSError, match=os.strerror(error)):
        PartFile(tmp_path, SegmentName(1, START), tmp_path.stat().st_dev)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("also", ["nothing", "truncate", "delete"])
def test_retries_on_a_disk_that_fails_leave_no_files_and_log_nothing(
    tmp_path: Path,
    event_log: EventLog,
    caplog: pytest.LogCaptureFixture,
    file_system: RefusingFileSystem,
    also: str,
) -> None:
    camera = Camera(tmp_path)
    camera.film_until(lambda: camera.recorder.facts.open_bytes > 0)
    for call in {"write", also} - {"nothing"}:
        file_system.refuse(call, errno.EPERM)
    camera.film_until(lambda: bool(event_log.of(Event.STORAGE_FAILED)))
    camera.film_until(lambda: camera.at_rest("failed"))
    for _ in range(5):
        camera.clock.advance(31)
        camera.film(1)
        camera.film_until(lambda: camera.at_rest("failed"))
    camera.recorder.finish()
    assert file_system.refused["write"] >= 5
    for trouble in ("stays unfinished", "cannot be salvaged"):
        assert len([line for line in caplog.messages if trouble in line]) <= 1
    assert len(event_log.of(Event.SEGMENT_SALVAGED)) <= 1
    if also != "delete":
        assert len(list(tmp_path.glob("*.part"))) <= 1


def test_unfinished_segments_are_salvaged_without_locks(
    tmp_path: Path, file_system: RefusingFileSystem, event_log: EventLog
) -> None:
    (file,) = record(tmp_path, 1)
    file.rename(tmp_path / f"{file.name}.part")
    file_system.refuse("lock", errno.ENOLCK)
    salvage(tmp_path, scan(tmp_path), LedgerWriter(tmp_path, FakeClock()))
    assert frames_in(file) == 10
    assert len(event_log.of(Event.SEGMENT_SALVAGED)) == 1


def test_a_salvage_that_failed_is_tried_again_without_locks(
    tmp_path: Path, file_system: RefusingFileSystem, monkeypatch: pytest.MonkeyPatch
) -> None:
    (file,) = record(tmp_path, 1)
    file.rename(tmp_path / f"{file.name}.part")
    file_system.refuse("lock", errno.ENOLCK)
    rename = Path.rename

    def fail(*_: object) -> None:
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    evidence = LedgerWriter(tmp_path, FakeClock())
    monkeypatch.setattr(Path, "rename", fail)
    assert list(salvage(tmp_path, scan(tmp_path), evidence).values()) == [os.strerror(errno.EIO)]
    monkeypatch.setattr(Path, "rename", rename)
    assert salvage(tmp_path, scan(tmp_path), evidence) == {}
    assert frames_in(file) == 10


def test_a_segment_that_a_slow_recorder_still_writes_is_not_salvaged_without_locks(
    tmp_path: Path, file_system: RefusingFileSystem, event_log: EventLog
) -> None:
    file_system.refuse("lock", errno.ENOLCK)
    evidence = LedgerWriter(tmp_path, FakeClock())
    written = PartFile(tmp_path, SegmentName(1, START), tmp_path.stat().st_dev)
    salvage(tmp_path, scan(tmp_path), evidence)
    assert event_log.of(Event.SEGMENT_SALVAGED) == []
    written.append(b"data")
    written.finish()
    assert [path.suffix for path in tmp_path.iterdir()] == [".mp4"]


def test_segments_that_cannot_be_salvaged_are_logged_once(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(1, 4):
        (tmp_path / str(SegmentName(number, START, finished=False))).write_bytes(b"data")
    evidence = LedgerWriter(tmp_path, FakeClock())
    folder = RecordingsFolder(tmp_path, evidence, RecordingsDisk(tmp_path, None))

    def refuse(folder: Path, name: str, *arguments: object) -> int:
        raise PermissionError(errno.EPERM, os.strerror(errno.EPERM), name)

    monkeypatch.setattr(salvage_module, "open_in", refuse)
    for _ in range(5):
        folder.prepare()
    assert len([line for line in caplog.messages if "cannot be salvaged" in line]) == 1


def test_evidence_is_recorded_where_a_locked_file_cannot_be_read_by_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    MandatoryLocks(monkeypatch)
    record(tmp_path, 3)
    monkeypatch.undo()
    is_recorded(tmp_path, 3)
    assert warnings(caplog) == []


def test_a_file_system_without_stable_identities_of_files_is_recorded_to(
    tmp_path: Path, event_log: EventLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    stat = Path.stat

    def unstable(path: Path, *, follow_symlinks: bool = True) -> os.stat_result:
        facts = stat(path, follow_symlinks=follow_symlinks)
        if path.suffix != ".part":
            return facts
        fields = list(facts)
        fields[1] += 1
        return os.stat_result(fields)

    with monkeypatch.context() as patched:
        patched.setattr(Path, "stat", unstable)
        record(tmp_path, 2)
    is_recorded(tmp_path, 2)
    assert event_log.of(Event.STORAGE_FAILED) == []


@pytest.mark.parametrize("answer", ["refused", "empty"])
def test_max_size_is_met_where_the_free_space_is_not_known(
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
    answer: str,
    file_system: RefusingFileSystem,
) -> None:
    segments = record(tmp_path, 4)
    if answer == "refused":
        file_system.refuse("free space", errno.ENOSYS)
    else:
        monkeypatch.setattr(os, "statvfs", lambda _: os.statvfs_result([4096, *[0] * 9, 255]))
    settings = RetentionSettings(max_size=ByteSize(10**9), min_free=ByteSize(10**9))
    retention, evidence = Retention(tmp_path, FakeClock()), LedgerWriter(tmp_path, FakeClock())
    for _ in range(3):
        retention.apply(settings, evidence)
    assert all(path.exists() for path in segments)
    assert len([line for line in warnings(caplog) if "min_free" in line]) == 1
    retention.apply(settings.model_copy(update={"max_size": 1}), evidence)
    assert [path.exists() for path in segments] == [False, False, False, True]
    assert sum(each["kind"] == "deleted" for each in records(tmp_path)) == 3
