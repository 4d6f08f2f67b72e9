"""Files that appear whole: nobody leads them elsewhere, and nothing is replaced unasked."""

import errno
import os
from pathlib import Path

import pytest

from anoncam.errors import StorageError
from anoncam.files import file_system_calls
from anoncam.files.file_system_calls import open_in, rename_to_new
from anoncam.recording.whole_file import WholeFile, remove_remains


def test_a_file_appears_with_its_content_and_its_mode(tmp_path: Path) -> None:
    output = WholeFile(tmp_path / "out", force=False)
    output.write(b"whole", 0o600)
    assert not (tmp_path / "out").exists()
    output.commit()
    assert (tmp_path / "out").read_bytes() == b"whole"
    assert (tmp_path / "out").stat().st_mode & 0o777 == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


@pytest.mark.parametrize("kind", ["link", "hanging link", "FIFO", "file", "folder"])
def test_what_is_planted_at_the_temporary_name_is_neither_followed_nor_written(
    tmp_path: Path, kind: str
) -> None:
    bait = tmp_path / "bait"
    bait.write_bytes(b"bait")
    output = WholeFile(tmp_path / "out", force=True)
    match kind:
        case "link":
            output.temporary.symlink_to(bait)
        case "hanging link":
            output.temporary.symlink_to(tmp_path / "none")
        case "FIFO":
            os.mkfifo(output.temporary)
        case "file":
            output.temporary.hardlink_to(bait)
        case "folder":
            output.temporary.mkdir()
    with pytest.raises(StorageError):
        output.write(b"whole")
    with pytest.raises(FileExistsError):
        output.create()
    assert bait.read_bytes() == b"bait"
    assert not (tmp_path / "none").exists()


@pytest.mark.parametrize("kind", ["link", "hard link", "FIFO"])
def test_a_forced_output_takes_the_name_and_leaves_what_had_it_as_it_was(
    tmp_path: Path, kind: str
) -> None:
    bait, target = tmp_path / "bait", tmp_path / "out"
    bait.write_bytes(b"bait")
    match kind:
        case "link":
            target.symlink_to(bait)
        case "hard link":
            target.hardlink_to(bait)
        case "FIFO":
            os.mkfifo(target)
    output = WholeFile(target, force=True)
    output.write(b"whole")
    output.commit()
    assert target.is_file()
    assert not target.is_symlink()
    assert target.read_bytes() == b"whole"
    assert bait.read_bytes() == b"bait"


def test_a_name_that_is_taken_just_before_the_end_is_not_replaced(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    output = WholeFile(tmp_path / "out", force=False)
    output.write(b"mine")
    monkeypatch.setattr(output, "_check_absence", lambda: (tmp_path / "out").write_bytes(b"other"))
    with pytest.raises(StorageError, match="exists"):
        output.commit()
    assert (tmp_path / "out").read_bytes() == b"other"


def test_a_file_system_that_cannot_rename_so_is_used_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Refusing:
        def renameat2(self, *_: object) -> int:
            return -1

    monkeypatch.setattr(file_system_calls, "_libc", Refusing())
    monkeypatch.setattr("ctypes.get_errno", lambda: errno.EINVAL)
    (tmp_path / "one").write_bytes(b"1")
    rename_to_new(tmp_path / "one", tmp_path / "two")
    assert (tmp_path / "two").read_bytes() == b"1"
    (tmp_path / "one").write_bytes(b"1")
    with pytest.raises(FileExistsError):
        rename_to_new(tmp_path / "one", tmp_path / "two")


def test_the_daemon_follows_no_link_in_its_folder(tmp_path: Path) -> None:
    bait = tmp_path / "bait"
    bait.write_bytes(b"bait")
    folder = tmp_path / "recordings"
    folder.mkdir()
    (folder / "part").symlink_to(bait)
    with pytest.raises(OSError, match=os.strerror(errno.ELOOP)):
        open_in(folder, "part", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, None)
    assert bait.read_bytes() == b"bait"


def test_remains_of_a_killed_process_are_removed_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "a[1].mp4"
    other = tmp_path / "a1.mp4"
    for each in (path, other):
        WholeFile(each, force=False).write(b"half")
        each.write_bytes(b"whole")
    remove_remains(path)
    left = sorted(each.name for each in tmp_path.iterdir())
    assert left[1:] == ["a1.mp4", "a[1].mp4"]
    assert left[0].startswith(".a1.mp4.")
