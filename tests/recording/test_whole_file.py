"""What a process leaves that was killed while it wrote a file."""

from pathlib import Path

from anoncam.recording.whole_file import WholeFile, remove_remains


def test_remains_of_a_killed_process_are_removed_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "a[1].mp4"
    other = tmp_path / "a1.mp4"
    for each in (path, other):
        WholeFile(each, force=False).temporary.write_bytes(b"half")
        each.write_bytes(b"whole")
    remove_remains(path)
    left = sorted(each.name for each in tmp_path.iterdir())
    assert left[1:] == ["a1.mp4", "a[1].mp4"]
    assert left[0].startswith(".a1.mp4.")
