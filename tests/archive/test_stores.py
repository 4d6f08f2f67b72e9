"""A file of a store is worked on without a raw byte on a disk, and into a store."""

import os
import pickle
import secrets
import sys
from dataclasses import replace
from pathlib import Path

import av
import pytest

from anoncam.archive.chunk_plan import Chunk, LongFile
from anoncam.archive.host import Host
from anoncam.archive.manifest import OBJECTS, Entry, Manifest, Stamp
from anoncam.archive.one_file import FileResult
from anoncam.archive.stages import do
from anoncam.archive.task import FileWork, Finished, Opened, Stage, Task
from anoncam.archive.work_folder import WorkFolder
from anoncam.archive.worker import attempt
from anoncam.clock import Stop, SystemClock
from anoncam.config.schema import Config, DetectorSettings
from anoncam.errors import StorageError, UnreachableError
from anoncam.frames.chunk import CHUNK
from anoncam.sources.file import FileSource
from anoncam.stores.remote_file import RemoteFile
from anoncam.stores.remote_reader import RemoteReader
from tests.archive.conftest import RATE, write_clip
from tests.support.archive import IDENTITY, settings

pytest.importorskip("fsspec")
pytestmark = pytest.mark.integration

_written: list[str] | None = None


def _watch(event: str, arguments: tuple[object, ...]) -> None:
    """Note what this process opens to write; an audit hook cannot be taken away again."""
    if _written is None or event != "open":
        return
    name, _, flags = arguments
    assert isinstance(flags, int)
    if flags & (os.O_WRONLY | os.O_RDWR):
        _written.append(str(name))


sys.addaudithook(_watch)


@pytest.fixture
def store() -> RemoteFile:
    return RemoteFile(f"memory://{secrets.token_hex(4)}")


@pytest.fixture
def file(store: RemoteFile, tmp_path: Path) -> FileWork:
    (store / "in.mp4").upload(write_clip(tmp_path / "in.mp4", 1, sound=True))
    config = Config(detector=DetectorSettings(model="anoncam-face-320x320"))
    given = replace(settings(config), keep_audio=True)
    return FileWork(0, store / "in.mp4", store / "out.mp4", store / "run" / "1", given)


def as_long(opened: Opened, file: FileWork) -> Opened:
    """What is opened, in one chunk."""
    with FileSource(
        file.source, paced=False, loop=False, clock=SystemClock(), stop=Stop()
    ) as source:
        chunks = (Chunk(0, 0, CHUNK, RATE),)
        long = LongFile(source.format, source.time_base, source.start, chunks)
    WorkFolder(file.folder).begin(opened.identity)
    return replace(opened, long=long)


def test_all_stages_read_from_a_store_and_write_to_it_and_no_raw_byte_is_on_a_disk(
    file: FileWork, store: RemoteFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    host = Host(lambda _frames: None)
    written: list[str] = []
    monkeypatch.setattr(sys.modules[__name__], "_written", written)
    opened = do(Task(Stage.OPEN, file), host)
    assert isinstance(opened, Opened)
    long = as_long(opened, file)
    outcomes = [
        do(Task(stage, file, long), host)
        for stage in (Stage.DETECT, Stage.TRACK, Stage.COVER, Stage.JOIN)
    ]
    monkeypatch.setattr(sys.modules[__name__], "_written", None)
    # What is written is covered: a part, and what is joined of the parts.
    kept = {name for name in written if not name.startswith(("/dev/", "/proc/"))}
    assert kept
    assert {Path(name).name.strip(".").split(".")[0] for name in kept} <= {"part-00000", "out"}
    done = outcomes[-1]
    assert isinstance(done, Finished)
    assert done.result.output == f"{store}/out.mp4"
    assert done.result.faces_covered > 0
    # Tasks and outcomes are counts, names and times.
    assert max(len(pickle.dumps(each)) for each in (long, *outcomes)) < 10_000
    entry = done.entry
    assert entry is not None
    # Who has asked for it may have been killed, and the output is known all the same.
    assert Manifest(store / "run").entries[str(file.target)] == entry
    again = do(Task(Stage.OPEN, replace(file, known=entry)), host)
    assert isinstance(again, Opened)
    assert again.result == done.result
    assert isinstance(file.folder, RemoteFile)
    assert file.folder.files() == []
    (store / "out.mp4").write_bytes(b"another")
    with pytest.raises(StorageError, match="exists"):
        do(Task(Stage.JOIN, replace(file, known=entry), long), host)


def test_a_short_file_is_written_whole_to_a_store(file: FileWork, tmp_path: Path) -> None:
    host = Host(lambda _frames: None)
    opened = do(Task(Stage.OPEN, file), host)
    assert isinstance(opened, Opened)
    done = do(Task(Stage.WHOLE, file, opened), host)
    host.close()
    assert isinstance(done, Finished)
    assert done.result.output == str(file.target)
    assert isinstance(file.target, RemoteFile)
    file.target.download(tmp_path / "out.mp4")
    with av.open(str(tmp_path / "out.mp4")) as container:
        assert len(list(container.decode(video=0))) == RATE
        assert len(container.streams.audio) == 1


def test_a_store_that_fails_leaves_no_output_and_is_tried_again(
    file: FileWork, monkeypatch: pytest.MonkeyPatch
) -> None:
    host = Host(lambda _frames: None)
    opened = do(Task(Stage.OPEN, file), host)
    assert isinstance(opened, Opened)

    def failing(self: RemoteReader, place: int, count: int) -> bytes:
        raise UnreachableError("the network is gone")

    monkeypatch.setattr(RemoteReader, "read", failing)
    failure = attempt(Task(Stage.WHOLE, file, opened), host)
    host.close()
    assert getattr(failure, "may_pass", False)
    assert not getattr(failure, "is_input", True)
    assert isinstance(file.target, RemoteFile)
    assert not file.target.exists()


@pytest.mark.parametrize("damage", [b"", b"{", b"\xff", b"[" * 50_000])
def test_work_of_nobody_knows_what_begins_anew_in_a_store_too(
    store: RemoteFile, damage: bytes
) -> None:
    work = WorkFolder(store / "work")
    work.begin(IDENTITY)
    before = work.secret
    (store / "work" / "identity.json").write_bytes(damage)
    work.begin(IDENTITY)
    assert work.secret != before


def test_work_in_a_store_that_cannot_be_reached_is_kept(
    store: RemoteFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    work = WorkFolder(store / "work")
    work.begin(IDENTITY)
    before = work.secret

    def failing(self: RemoteReader, place: int, count: int) -> bytes:
        raise UnreachableError("the network is gone")

    with monkeypatch.context() as patched:
        patched.setattr(RemoteReader, "read", failing)
        with pytest.raises(UnreachableError):
            work.begin(IDENTITY)
    assert work.secret == before


@pytest.mark.parametrize("damage", [b"", b"\xff{", b'{"target": 1}', b"[" * 50_000])
def test_an_entry_in_a_store_that_cannot_be_is_passed_over(
    store: RemoteFile, damage: bytes
) -> None:
    stamp = Stamp(7, 7)
    target = str(store / "out.mp4")
    entry = Entry(target, stamp, IDENTITY, stamp, FileResult("in", target, 3), 0)
    Manifest(store / "run").add(entry)
    (store / "run" / OBJECTS / "torn.json").write_bytes(damage)
    assert Manifest(store / "run").entries == {target: entry}
