"""The numbers of segments, whatever somebody else has put into the folder."""

import os
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest

from anoncam.evidence import sidecars
from anoncam.evidence.ledger_writer import LedgerWriter
from anoncam.evidence.record_contents import Deletion
from anoncam.evidence.records import ORIGIN, line, link
from anoncam.recording.recordings_disk import RecordingsDisk
from anoncam.recording.recordings_folder import RecordingsFolder
from anoncam.segments.mp4_boxes import seal
from anoncam.segments.segment_name import SegmentName, scan
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


def spoil(path: Path, digits: int) -> None:
    path.write_text("9" * digits)


def forge(path: Path, **numbers: int) -> None:
    content = {"kind": "begun", "newest_segment": 0, **numbers}
    path.write_bytes(line(link(content, numbers.pop("record", 1), ORIGIN)))


def grow(path: Path) -> None:
    with path.open("wb") as file:
        file.truncate(1 << 42)


NUMBER, NOTE, CHAIN = ".anoncam-number", ".anoncam-number.part", "evidence.jsonl"


@pytest.mark.parametrize(
    ("name", "put"),
    [
        *((name, os.mkfifo) for name in (NUMBER, NOTE, CHAIN, "evidence.1.jsonl")),
        *((name, Path.mkdir) for name in (NUMBER, NOTE, CHAIN, "evidence.1.jsonl")),
        *((name, partial(Path.symlink_to, target="/dev/zero")) for name in (NUMBER, NOTE, CHAIN)),
        *((NUMBER, partial(spoil, digits=digits)) for digits in (300, 4300, 5000)),
        *((f"{'9' * digits}_20260714T091500Z.mp4", Path.touch) for digits in (17, 19, 233)),
        (CHAIN, partial(forge, newest_segment=10**300)),
        (CHAIN, partial(forge, record=10**18 - 1)),
        (CHAIN, partial(forge, record=10**4299)),
        (CHAIN, partial(forge, newest_segment=-5, record=-5)),
        (NUMBER, grow),
        (CHAIN, grow),
        ("000000001_20260714T091500Z.mp4.part", grow),
        ("000000001_20260714T091500Z.json", grow),
    ],
)
def test_nothing_that_somebody_puts_into_the_folder_stops_the_recording(
    tmp_path: Path, name: str, put: Callable[[Path], object]
) -> None:
    put(tmp_path / name)
    for _ in range(2):
        before = set(tmp_path.glob("*.mp4"))
        assert len({*record(tmp_path, 2)} - before) == 2


@pytest.mark.parametrize(
    ("name", "put"),
    [
        (NUMBER, partial(spoil, digits=18)),
        (NUMBER, partial(spoil, digits=19)),
        (f"{'9' * 18}_20260714T091500Z.mp4", Path.touch),
        (CHAIN, partial(forge, newest_segment=10**18 - 1)),
    ],
)
def test_after_the_largest_number_segments_are_ordered_by_their_times(
    tmp_path: Path, name: str, put: Callable[[Path], object]
) -> None:
    put(tmp_path / name)
    evidence, start = LedgerWriter(tmp_path, FakeClock()), FakeClock().utc()
    recordings = RecordingsFolder(tmp_path, evidence, RecordingsDisk(tmp_path, None))
    recordings.prepare()
    for second in range(1, 4):
        recordings.create(start + timedelta(seconds=second))
    made = [each for each in scan(tmp_path) if not each.finished]
    assert [each.start.second for each in made] == [1, 2, 3]
    assert {each.number for each in made} == {10**18 - 1}


def test_an_unfinished_segment_of_a_false_size_is_not_read_for_ever(tmp_path: Path) -> None:
    name = "000000001_20260714T091500Z.mp4.part"
    size = 1 << 42
    with (tmp_path / name).open("wb") as file:
        file.write((1).to_bytes(4) + b"mdat" + size.to_bytes(8))
        file.seek(size)
        file.write(seal(b"forged"))
    assert len(record(tmp_path, 1)) == 1
