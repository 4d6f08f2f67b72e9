"""Files in a store, as a path would give them."""

import contextlib
import pickle
import secrets
from pathlib import Path
from types import SimpleNamespace

import pytest

from anoncam.errors import InputError, StoreError, UnreachableError
from anoncam.stores import remote_file
from anoncam.stores.remote_file import RemoteFile

fsspec = pytest.importorskip("fsspec")


@pytest.fixture
def folder() -> RemoteFile:
    return RemoteFile(f"memory://{secrets.token_hex(4)}/archive/")


def test_a_place_is_its_url_and_nothing_else(folder: RemoteFile) -> None:
    file = folder / "inner" / "garden.tar.mp4"
    assert str(file) == f"{folder.url}/inner/garden.tar.mp4"
    assert (file.name, file.stem, file.suffix) == ("garden.tar.mp4", "garden.tar", ".mp4")
    assert file.parent == folder / "inner"
    assert file.with_name("b") == folder / "inner" / "b"
    assert pickle.loads(pickle.dumps(file)) == file  # noqa: S301


def test_a_bucket_is_in_no_folder() -> None:
    with pytest.raises(StoreError, match="s3://footage/anonymized"):
        RemoteFile("s3://footage/").with_name("footage.anoncam")


def test_what_is_written_is_there_and_is_known_by_its_state(
    folder: RemoteFile, tmp_path: Path
) -> None:
    file = folder / "inner" / "a.bin"
    assert (file.exists(), file.is_dir(), file.size_and_state()) == (False, False, None)
    assert folder.files() == []
    file.write_bytes(b"before")
    before = file.size_and_state()
    assert before is not None
    assert before == file.size_and_state()
    (tmp_path / "local").write_bytes(b"beyond")
    file.upload(tmp_path / "local")
    after = file.size_and_state()
    assert after is not None
    assert (before[0], after[0]) == (6, 6)
    assert before[1] != after[1]
    assert file.read_bytes() == b"beyond"
    file.download(tmp_path / "back")
    assert (tmp_path / "back").read_bytes() == b"beyond"
    assert folder.is_dir()
    assert folder.files() == [file]
    assert folder.contents() == [b"beyond"]
    (folder / "b.bin").write_bytes(b"b")
    assert sorted(folder.contents()) == [b"b", b"beyond"]
    folder.remove()
    folder.remove()
    assert not file.exists()


@pytest.mark.parametrize("store", ["memory", "local"])
@pytest.mark.parametrize("name", ["a[bc]", "a*", "a?"])
def test_a_name_is_no_pattern_of_other_names(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, store: str, name: str
) -> None:
    monkeypatch.chdir(tmp_path)
    folder = RemoteFile(f"{store}://{secrets.token_hex(4)}")
    (folder / "ab" / "1.bin").write_bytes(b"of others")
    ours = folder / name
    (ours / "1.bin").write_bytes(b"ours")
    (ours / "deeper" / "2.bin").write_bytes(b"ours too")
    assert sorted(ours.contents()) == [b"ours", b"ours too"]
    ours.remove()
    assert ours.files() == []
    assert not ours.is_dir()
    assert folder.contents() == [b"of others"]


def test_what_is_deleted_while_all_is_read_is_left_out(
    folder: RemoteFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "a").write_bytes(b"a")
    listed = [*folder.files(), folder / "b"]
    monkeypatch.setattr(RemoteFile, "files", lambda _self: listed)
    assert folder.contents() == [b"a"]


def test_where_a_file_appears_before_it_is_whole_it_is_renamed_at_the_end(
    folder: RemoteFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(remote_file, "_APPEARS_WHOLE", set())
    put: list[str] = []
    memory = fsspec.filesystem("memory")
    pipe = memory.pipe_file

    def pipe_file(_self: object, path: str, data: bytes) -> None:
        put.append(path)
        pipe(path, data)

    monkeypatch.setattr(type(memory), "pipe_file", pipe_file)
    file = folder / "a.bin"
    file.write_bytes(b"a")
    assert put[0].rpartition("/")[2].startswith(".a.bin.")
    assert folder.files() == [file]
    (folder / ".a.bin.12ab.part").write_bytes(b"half")
    assert [remains.name for remains in file.remains()] == [".a.bin.12ab.part"]


def test_ranges_are_read_and_a_file_that_shrinks_meanwhile_is_told(
    folder: RemoteFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = folder / "a.bin"
    with pytest.raises(InputError, match="does not exist"):
        file.open()
    file.write_bytes(b"")
    with pytest.raises(InputError, match="is empty"):
        file.open()
    file.write_bytes(bytes(range(100)))
    reader = file.open()
    assert reader.size == 100
    assert reader.read(10, 5) == bytes(range(10, 15))
    assert reader.read(98, 5) == bytes([98, 99])
    assert reader.read(200, 5) == b""
    reader.size = 200
    with pytest.raises(UnreachableError, match="cut short"):
        reader.read(90, 50)
    reader.close()
    reader.close()


def test_a_store_that_gives_more_than_was_asked_is_told(
    folder: RemoteFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = folder / "a.bin"
    file.write_bytes(bytes(100))
    with contextlib.closing(file.open()) as reader:
        beginning = SimpleNamespace(seek=lambda _place: 0, read=lambda _count: bytes(100))
        monkeypatch.setattr(reader, "_handle", beginning)
        with pytest.raises(UnreachableError, match="gave more"):
            reader.read(0, 10)


@pytest.mark.parametrize(
    "key", ["modify", "last_modified", "Last-Modified", "Content-MD5", "modificationTime"]
)
def test_a_file_that_is_written_anew_is_known_in_each_kind_of_store(
    folder: RemoteFile, monkeypatch: pytest.MonkeyPatch, key: str
) -> None:
    known = {"type": "file", "size": 7, key: "yesterday", "time": "read just now"}
    monkeypatch.setattr(RemoteFile, "_info", lambda _self: known)
    before = folder.size_and_state()
    known["time"] = "read again"
    assert folder.size_and_state() == before
    known[key] = "today"
    assert folder.size_and_state() != before


def test_a_store_that_does_not_say_when_a_file_was_written_is_never_sure_that_it_is_the_same(
    folder: RemoteFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = {"type": "file", "size": 7, "time": "read just now", "ETag": None}
    monkeypatch.setattr(RemoteFile, "_info", lambda _self: known)
    assert folder.size_and_state() != folder.size_and_state()
