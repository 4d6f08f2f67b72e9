"""What a run has written is known to the next one."""

import json
import os
from dataclasses import asdict, replace
from pathlib import Path

import pytest

from anoncam.archive.doubts import Doubt
from anoncam.archive.manifest import NAME, Entry, Manifest, Stamp, alone_in, hash_of
from anoncam.archive.one_file import FileResult
from anoncam.archive.work_folder import Identity
from anoncam.errors import RunningError, StorageError


@pytest.fixture
def entry(tmp_path: Path) -> Entry:
    source, target = tmp_path / "in", tmp_path / "out"
    source.write_bytes(b"footage")
    target.write_bytes(b"covered")
    stamps = Stamp.of(source), Stamp.of(target)
    assert stamps[0] is not None
    assert stamps[1] is not None
    doubts = [Doubt("track 7", 0.4, 1.0, 2.0)]
    result = FileResult(str(source), str(target), 3, doubtful=doubts)
    identity = Identity(7, hash_of(source), "settings")
    return Entry(str(target), stamps[0], identity, stamps[1], result, 0)


def test_entries_are_read_again_and_the_last_of_a_target_counts(
    entry: Entry, tmp_path: Path
) -> None:
    manifest = Manifest(tmp_path)
    manifest.add(replace(entry, exit_code=3))
    manifest.add(entry)
    assert Manifest(tmp_path).entries == {entry.target: entry}


@pytest.mark.parametrize(
    "torn",
    [
        *(b'{"target": "x', b"\xff\xfe{", b"[]", b'{"target": 1}', b"[" * 50_000),
        b'{"target": "x", "result": "done"}',
        b'{"target": "x", "result": {"doubtful": 7}}',
    ],
)
def test_a_torn_line_costs_its_own_entry_alone(entry: Entry, tmp_path: Path, torn: bytes) -> None:
    Manifest(tmp_path).add(replace(entry, target="first"))
    with (tmp_path / NAME).open("ab") as file:
        file.write(torn)
    Manifest(tmp_path).add(replace(entry, target="second"))
    assert set(Manifest(tmp_path).entries) == {"first", "second"}


def test_an_input_is_the_same_by_its_content(entry: Entry) -> None:
    source = Path(entry.result.input)
    assert entry.is_of(source, "settings")
    assert not entry.is_of(source, "other settings")
    os.utime(source, ns=(1, 1))
    assert entry.is_of(source, "settings")
    source.write_bytes(b"FOOTAGE")
    os.utime(source, ns=(1, 1))
    assert not entry.is_of(source, "settings")
    source.unlink()
    assert not entry.is_of(source, "settings")


def test_an_output_that_somebody_has_changed_is_not_ours(entry: Entry) -> None:
    assert entry.has_output()
    Path(entry.target).write_bytes(b"other")
    assert not entry.has_output()


def test_two_runs_do_not_share_a_folder(tmp_path: Path) -> None:
    with alone_in(tmp_path / "run"), pytest.raises(RunningError), alone_in(tmp_path / "run"):
        pass
    with alone_in(tmp_path / "run"):
        pass


@pytest.mark.parametrize("mode", [0o777, 0o1777, 0o775, 0o722])
def test_a_folder_that_others_can_write_to_is_not_believed(tmp_path: Path, mode: int) -> None:
    folder = tmp_path / "run"
    folder.mkdir()
    folder.chmod(mode)
    with pytest.raises(StorageError, match="other users can write"), alone_in(folder):
        pass


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives folders away")
def test_a_folder_that_another_user_has_made_is_not_believed(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    folder.mkdir(0o755)
    os.chown(folder, 65534, 65534)
    with pytest.raises(StorageError, match="other users can write"), alone_in(folder):
        pass


def test_a_link_to_a_folder_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "run").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(StorageError), alone_in(tmp_path / "run"):
        pass


def test_a_folder_of_a_run_is_for_its_user_to_write_whatever_the_umask(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        with alone_in(tmp_path / "run"), alone_in(tmp_path / "other"):
            pass
        assert not (tmp_path / "run").stat().st_mode & 0o022
    finally:
        os.umask(before)


@pytest.mark.parametrize("place", ["target", "input", "identity", "output", "result", "exit_code"])
@pytest.mark.parametrize("value", [None, [], {}, "x", {"size": "7", "changed": 7}, [[]]])
def test_an_entry_that_cannot_be_is_passed_over(
    entry: Entry, tmp_path: Path, place: str, value: object
) -> None:
    if (place, value) == ("target", "x"):
        pytest.skip("that is a target")
    (tmp_path / NAME).write_text(json.dumps({**asdict(entry), place: value}))
    assert Manifest(tmp_path).entries == {}
