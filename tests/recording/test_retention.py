import errno
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from pydantic import ByteSize

from anoncam.clock import utc_text
from anoncam.config.schema import RetentionSettings
from anoncam.events.event import Event
from anoncam.evidence.ledger_writer import LedgerWriter
from anoncam.recording.retention import Retention
from anoncam.segments.segment_name import SegmentName
from anoncam.segments.uploaded import UploadBacklog, UploadNote
from tests.support.events import EventLog
from tests.support.frames import FakeClock

NOW = datetime(2026, 7, 14, 9, 15, tzinfo=UTC)


def fill(folder: Path, count: int, size: int = 1000, *, part: bool = True) -> list[Path]:
    segments = [
        SegmentName(number, NOW - timedelta(days=count - number)) for number in range(1, count + 1)
    ]
    if part:
        segments[-1] = SegmentName(count, NOW, finished=False)
    paths = [folder / str(segment) for segment in segments]
    for path in paths:
        path.write_bytes(bytes(size))
    return paths


def retention(
    folder: Path, *, synchronized: bool = True, free: int = 10**12, uploaded: int | None = None
) -> Retention:
    return Retention(
        folder,
        FakeClock(NOW),
        synchronized=lambda: synchronized,
        free=lambda _: free,
        uploaded=lambda: None if uploaded is None else UploadNote("", "", uploaded),
    )


def evidence(folder: Path) -> LedgerWriter:
    return LedgerWriter(folder, FakeClock(NOW))


def numbers(folder: Path) -> list[int]:
    return sorted(int(path.name[:9]) for path in folder.glob("*_*.mp4*"))


def test_the_oldest_segments_are_deleted_until_max_size_is_met(
    tmp_path: Path, event_log: EventLog
) -> None:
    fill(tmp_path, 6)
    retention(tmp_path).apply(RetentionSettings(max_size=ByteSize(3500)), evidence(tmp_path))
    assert numbers(tmp_path) == [4, 5, 6]
    assert [fields["bytes"] for fields in event_log.of(Event.RETENTION_DELETED)] == [1000] * 3


def test_the_newest_finished_and_the_open_segment_stay_whatever_the_limit(tmp_path: Path) -> None:
    fill(tmp_path, 6)
    retention(tmp_path, free=0).apply(
        RetentionSettings(max_size=ByteSize(1), max_age=0.1, min_free=ByteSize(10**15)),
        evidence(tmp_path),
    )
    assert numbers(tmp_path) == [5, 6]


def test_files_of_others_are_neither_counted_nor_deleted(tmp_path: Path) -> None:
    fill(tmp_path, 3)
    other = tmp_path / "0-holiday.mp4"
    other.write_bytes(bytes(10**6))
    retention(tmp_path).apply(RetentionSettings(max_size=ByteSize(3000)), evidence(tmp_path))
    assert len(list(tmp_path.iterdir())) == 4
    retention(tmp_path, free=0).apply(RetentionSettings(), evidence(tmp_path))
    assert other.exists()


def test_segments_beyond_max_age_are_deleted_even_after_one_from_the_future(tmp_path: Path) -> None:
    fill(tmp_path, 6, part=False)
    (tmp_path / str(SegmentName(0, NOW + timedelta(days=400)))).touch()
    retention(tmp_path).apply(RetentionSettings(max_age=2.5), evidence(tmp_path))
    assert numbers(tmp_path) == [0, 4, 5, 6]


def test_max_age_deletes_nothing_while_the_clock_is_not_synchronised(tmp_path: Path) -> None:
    fill(tmp_path, 6)
    retention(tmp_path, synchronized=False).apply(
        RetentionSettings(max_age=0.5), evidence(tmp_path)
    )
    assert numbers(tmp_path) == [1, 2, 3, 4, 5, 6]


def test_segments_are_deleted_until_min_free_is_met(tmp_path: Path, event_log: EventLog) -> None:
    fill(tmp_path, 6)
    retention(tmp_path, free=8500).apply(
        RetentionSettings(min_free=ByteSize(10_000)), evidence(tmp_path)
    )
    assert numbers(tmp_path) == [3, 4, 5, 6]
    assert "min_free" in str(event_log.of(Event.RETENTION_DELETED)[0]["reason"])


def test_a_segment_that_someone_else_deletes_meanwhile_is_no_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    paths = fill(tmp_path, 6)

    def free(_: Path) -> int:
        paths[0].unlink()
        return 0

    Retention(tmp_path, FakeClock(NOW), free=free).apply(
        RetentionSettings(min_free=ByteSize(2000)), evidence(tmp_path)
    )
    assert numbers(tmp_path) == [4, 5, 6]


def test_ten_thousand_segments_are_scanned_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(1, 10_001):
        (tmp_path / str(SegmentName(number, NOW))).touch()
    sized: list[object] = []
    monkeypatch.setattr(Retention, "_size", lambda _, segment: sized.append(segment))
    retention(tmp_path).apply(RetentionSettings(), evidence(tmp_path))
    assert sized == []


def test_if_a_segment_cannot_be_deleted_the_next_ones_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(tmp_path, 6, size=100_000)
    unlink = Path.unlink

    def refuse(path: Path, missing_ok: bool = False) -> None:
        if path.name.startswith("000000001_"):
            raise PermissionError(errno.EPERM, os.strerror(errno.EPERM))
        unlink(path, missing_ok=missing_ok)

    monkeypatch.setattr(Path, "unlink", refuse)
    rules, ledger = retention(tmp_path), evidence(tmp_path)
    for _ in range(3):
        rules.apply(RetentionSettings(max_size=ByteSize(450_000)), ledger)
    assert numbers(tmp_path) == [1, 4, 5, 6]


def test_a_disk_that_refuses_every_deletion_is_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(tmp_path, 6)

    def refuse(path: Path, missing_ok: bool = False) -> None:
        raise OSError(errno.EROFS, os.strerror(errno.EROFS))

    monkeypatch.setattr(Path, "unlink", refuse)
    with pytest.raises(OSError, match="Read-only"):
        retention(tmp_path).apply(RetentionSettings(max_size=ByteSize(1)), evidence(tmp_path))


def test_neither_size_nor_age_deletes_what_is_not_uploaded_yet(tmp_path: Path) -> None:
    fill(tmp_path, 6)
    limits = RetentionSettings(max_size=ByteSize(1), max_age=0.1, min_free=ByteSize(0))
    retention(tmp_path, uploaded=0).apply(limits, evidence(tmp_path))
    assert numbers(tmp_path) == [1, 2, 3, 4, 5, 6]
    retention(tmp_path, uploaded=2).apply(limits, evidence(tmp_path))
    assert numbers(tmp_path) == [3, 4, 5, 6]


def test_a_full_disk_deletes_what_is_not_uploaded_yet_and_says_so(
    tmp_path: Path, event_log: EventLog
) -> None:
    fill(tmp_path, 6)
    retention(tmp_path, free=8500, uploaded=1).apply(
        RetentionSettings(min_free=ByteSize(10_000)), evidence(tmp_path)
    )
    assert numbers(tmp_path) == [3, 4, 5, 6]
    assert [str(each["name"])[:9] for each in event_log.of(Event.UPLOAD_MISSED)] == ["000000002"]
    reasons = [str(each["reason"]) for each in event_log.of(Event.RETENTION_DELETED)]
    assert ["not uploaded" in reason for reason in reasons] == [False, True]


def test_the_size_beyond_max_size_is_not_made_up_for_by_segments_that_wait(tmp_path: Path) -> None:
    fill(tmp_path, 6)
    settings = RetentionSettings(max_size=ByteSize(1), min_free=ByteSize(10_000))
    retention(tmp_path, free=9500, uploaded=0).apply(settings, evidence(tmp_path))
    assert numbers(tmp_path) == [2, 3, 4, 5, 6]


def test_what_waits_to_be_uploaded_is_counted_without_what_is_deleted(tmp_path: Path) -> None:
    fill(tmp_path, 6)
    kept = retention(tmp_path, uploaded=2)
    kept.apply(RetentionSettings(), evidence(tmp_path))
    oldest = utc_text(NOW - timedelta(days=3))
    assert kept.backlog == UploadBacklog(3, 3000, oldest, "")
    full = retention(tmp_path, free=7500, uploaded=2)
    full.apply(RetentionSettings(min_free=ByteSize(10_000)), evidence(tmp_path))
    assert full.backlog == UploadBacklog(2, 2000, utc_text(NOW - timedelta(days=2)), "")
    no_upload = retention(tmp_path)
    no_upload.apply(RetentionSettings(), evidence(tmp_path))
    assert no_upload.backlog is None


def test_a_file_that_waits_and_cannot_be_read_keeps_no_other_one_from_being_deleted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    waiting = fill(tmp_path, 6)[4]
    stat = Path.stat

    def failing(path: Path, *, follow_symlinks: bool = True) -> os.stat_result:
        if path == waiting:
            raise OSError(errno.EIO, "the disk fails")
        return stat(path, follow_symlinks=follow_symlinks)

    monkeypatch.setattr(Path, "stat", failing)
    full = retention(tmp_path, free=8500, uploaded=1)
    full.apply(RetentionSettings(min_free=ByteSize(10_000)), evidence(tmp_path))
    assert numbers(tmp_path) == [3, 4, 5, 6]
    assert full.backlog is not None
    assert (full.backlog.segments, full.backlog.bytes) == (3, 2000)
