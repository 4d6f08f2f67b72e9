import os
from pathlib import Path

import pytest

from anoncam.recording.recordings_disk import RecordingsDisk


class Mounts:
    """The folders that the test takes for mount points."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.points: set[Path] = {Path("/")}
        monkeypatch.setattr(os.path, "ismount", lambda path: Path(path) in self.points)


@pytest.fixture
def mounts(monkeypatch: pytest.MonkeyPatch) -> Mounts:
    return Mounts(monkeypatch)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = tmp_path / "disk/recordings"
    path.mkdir(parents=True)
    return path


def test_a_disk_that_is_missing_at_the_next_start_is_noticed_before_a_write(
    tmp_path: Path, folder: Path, mounts: Mounts
) -> None:
    mounts.points.add(folder.parent)
    RecordingsDisk(folder, tmp_path / "state/note.json").learn()
    mounts.points.remove(folder.parent)
    again = RecordingsDisk(folder, tmp_path / "state/note.json")
    with pytest.raises(
        FileNotFoundError, match=r"no longer mounted at .*disk: mount it or, .* delete .*note\.json"
    ):
        again.check_mounted()
    mounts.points.add(folder.parent)
    again.check_mounted()


def test_a_disk_that_was_mounted_later_is_remembered(
    tmp_path: Path, folder: Path, mounts: Mounts
) -> None:
    disk = RecordingsDisk(folder, tmp_path / "note.json")
    disk.learn()
    mounts.points.add(folder.parent)
    disk.check_mounted()
    disk.learn()
    mounts.points.remove(folder.parent)
    for each in (disk, RecordingsDisk(folder, tmp_path / "note.json")):
        with pytest.raises(FileNotFoundError):
            each.check_mounted()


def test_a_remembered_disk_of_another_folder_does_not_matter(
    tmp_path: Path, folder: Path, mounts: Mounts
) -> None:
    mounts.points.add(folder.parent)
    RecordingsDisk(folder, tmp_path / "note.json").learn()
    mounts.points.remove(folder.parent)
    RecordingsDisk(tmp_path / "other", tmp_path / "note.json").check_mounted()


@pytest.mark.parametrize(
    "content",
    ["", "[]", "{", '{"folder": 3}', '{"folder": "FOLDER"}', '{"folder": "FOLDER", "mount": 7}'],
)
def test_a_note_that_cannot_be_read_is_ignored(
    tmp_path: Path, folder: Path, mounts: Mounts, content: str
) -> None:
    note = tmp_path / "note.json"
    note.write_text(content.replace("FOLDER", str(folder)))
    disk = RecordingsDisk(folder, note)
    disk.check_mounted()
    disk.learn()
    disk.check()


def test_recording_goes_on_if_the_note_cannot_be_written(
    tmp_path: Path, folder: Path, mounts: Mounts, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "state").write_text("a file in the place of the folder")
    disk = RecordingsDisk(folder, tmp_path / "state/note.json")
    disk.learn()
    disk.check()
    assert "cannot be remembered" in caplog.text


def test_another_disk_at_the_same_mount_point_is_noticed(folder: Path, mounts: Mounts) -> None:
    disk = RecordingsDisk(folder, None)
    disk.learn()
    disk.device += 1
    with pytest.raises(FileNotFoundError, match="another disk"):
        disk.check()
