"""The numbers of segments."""

from pathlib import Path

import pytest

from anoncam.evidence import sidecars
from anoncam.evidence.ledger_writer import LedgerWriter
from anoncam.evidence.record_contents import Deletion
from anoncam.recording.recordings_disk import RecordingsDisk
from anoncam.recording.recordings_folder import RecordingsFolder
from anoncam.segments.segment_name import SegmentName
from tests.support.evidence_folder import record, records
from tests.support.frames import FakeClock

pytestmark = pytest.mark.integration


def test_numbers_go_on_after_a_restart_and_after_all_segments_were_moved_away(
    tmp_path: Path,
) -> None:
    for _ in range(2):
        record(tmp_path, 1)
    for file in tmp_path.glob("*.mp4"):
        file.unlink()
    (file,) = record(tmp_path, 1)
    assert file.name == "000000003_20260714T091500Z.mp4"


def test_numbers_go_on_where_the_small_file_is_lost_or_garbled(tmp_path: Path) -> None:
    for _ in range(3):
        files = record(tmp_path, 1)
        (tmp_path / ".anoncam-number").write_bytes(b"\xff\x00")
    assert len(files) == 3


def test_nothing_is_written_to_the_mount_point_of_a_disk_that_has_just_gone(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    record(tmp_path / "disk", 1)
    folder = tmp_path / "disk"
    evidence = LedgerWriter(folder, FakeClock())
    disk = RecordingsDisk(folder, None)
    recordings = RecordingsFolder(folder, evidence, disk)
    recordings.prepare()
    folder.rename(tmp_path / "detached")
    folder.mkdir()
    # From here on, the disk of the folder has another number than the one that was there.
    evidence.prepare([], disk.device + 1)
    evidence.deleted([Deletion(SegmentName(1, FakeClock().utc()), 1, "a test")])
    with pytest.raises(FileNotFoundError, match="the disk has just gone"):
        sidecars.write(folder, records(tmp_path / "detached")[-1], disk.device + 1)
    disk.device += 1
    with pytest.raises(FileNotFoundError, match="another disk"):
        recordings.create(FakeClock().utc())
    with pytest.raises(FileNotFoundError, match="the disk has just gone"):
        recordings._write_number(7)
    assert list(folder.iterdir()) == []
    assert "evidence cannot be recorded" in caplog.text
