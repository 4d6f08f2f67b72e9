"""A model comes whole and verified, or not at all."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from anoncam.catalogue import fetched
from anoncam.catalogue.catalogue import Entry
from anoncam.catalogue.fetch import fetch, take
from anoncam.detectors import model_file
from anoncam.errors import DownloadError, ModelError, StorageError
from tests.support.file_server import FileServer
from tests.support.models import NAME, at_home, tiny_entry


def ignore(name: str, done: int, total: int | None) -> None:
    pass


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    return at_home(tmp_path, monkeypatch)


@pytest.fixture
def server() -> Iterator[FileServer]:
    with FileServer({}) as running:
        yield running


@pytest.fixture
def entry(server: FileServer) -> Entry:
    made, server.files = tiny_entry(server.address)
    return made


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


WHOLE = {f"{NAME}.json", f"{NAME}.tflite", f"{NAME}_edgetpu.tflite"}


def test_a_fetched_model_is_found_by_its_name_with_its_twin_and_its_head(
    entry: Entry, folder: Path
) -> None:
    assert fetch(entry, folder, ignore) == folder
    assert names(folder) == WHOLE
    model = model_file.find(NAME)
    assert (model.path, model.head, model.for_coral) == (folder / f"{NAME}.tflite", "ssd", False)
    twin = model_file.coral_twin(model)
    assert twin is not None
    assert twin.for_coral


def test_a_download_that_broke_off_goes_on_where_it_ended(
    server: FileServer, entry: Entry, folder: Path
) -> None:
    server.breaks_after = 100
    with pytest.raises(DownloadError, match=r"^the download broke off after 100 of"):
        fetch(entry, folder, ignore)
    assert not any(folder.glob("*.tflite"))
    fetch(entry, folder, ignore)
    assert names(folder) == WHOLE
    assert [asked for _, asked in server.requests] == ["", "bytes=100-", ""]


def test_a_server_that_cannot_resume_sends_all_of_it_again(
    server: FileServer, entry: Entry, folder: Path
) -> None:
    server.breaks_after, server.ranges = 100, False
    with pytest.raises(DownloadError):
        fetch(entry, folder, ignore)
    fetch(entry, folder, ignore)
    assert names(folder) == WHOLE


def test_a_part_that_is_whole_already_is_not_fetched_again(
    server: FileServer, entry: Entry, folder: Path
) -> None:
    folder.mkdir(parents=True)
    file = entry.files[0]
    (folder / f".{file.name}.part").write_bytes(server.files[f"/{file.name}"])
    fetch(entry, folder, ignore)
    assert names(folder) == WHOLE


@pytest.mark.parametrize("spoil", [lambda each: each[:-1] + b"!", lambda each: each + b"!"])
def test_another_file_is_neither_kept_nor_found(
    server: FileServer, entry: Entry, folder: Path, spoil: object
) -> None:
    assert callable(spoil)
    path = f"/{entry.files[1].name}"
    server.files[path] = spoil(server.files[path])
    with pytest.raises(ModelError, match="is another file"):
        fetch(entry, folder, ignore)
    assert names(folder) == set()
    assert fetched.find_fetched(NAME, {"XDG_DATA_HOME": str(folder.parents[1])}) is None


def test_a_part_of_another_file_does_not_spoil_every_later_try(
    server: FileServer, entry: Entry, folder: Path
) -> None:
    folder.mkdir(parents=True)
    (folder / f".{entry.files[0].name}.part").write_bytes(b"what another server sent")
    with pytest.raises(ModelError):
        fetch(entry, folder, ignore)
    fetch(entry, folder, ignore)
    assert names(folder) == WHOLE


def test_a_fetched_file_that_was_changed_later_is_not_loaded(
    entry: Entry, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fetched, "entries", lambda: (entry,))
    fetch(entry, folder, ignore)
    path = folder / f"{NAME}.tflite"
    model_file.find(NAME)
    path.write_bytes(path.read_bytes() + b"!")
    with pytest.raises(ModelError, match=r"is damaged.*anoncam model fetch tiny-face"):
        model_file.find(NAME)


def test_a_missing_file_is_reported_with_the_reply_of_the_server(
    server: FileServer, entry: Entry, folder: Path
) -> None:
    server.files = {}
    with pytest.raises(DownloadError, match=r"127\.0\.0\.1 replies 404 .*--from"):
        fetch(entry, folder, ignore)


def test_without_a_network_the_error_says_what_else_helps(folder: Path) -> None:
    with FileServer({}) as gone:
        entry, _ = tiny_entry(gone.address)
    with pytest.raises(DownloadError, match=r"cannot be reached: Connection refused .*--from"):
        fetch(entry, folder, ignore)


def test_a_proxy_is_used_where_the_environment_names_one(
    server: FileServer, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    entry, server.files = tiny_entry("http://models.invalid")
    monkeypatch.setenv("http_proxy", server.address)
    fetch(entry, folder, ignore)
    assert server.requests[0][0].startswith("http://models.invalid/")
    assert names(folder) == WHOLE


def test_files_are_taken_from_a_folder_whatever_they_are_called(
    tmp_path: Path, folder: Path
) -> None:
    entry, files = tiny_entry("http://models.invalid")
    stick = tmp_path / "stick"
    stick.mkdir()
    (stick / "unrelated.tflite").write_bytes(b"another")
    for number, content in enumerate(files.values()):
        (stick / f"download ({number}).tflite").write_bytes(content)
    take(entry, [stick], folder)
    assert names(folder) == WHOLE


def test_a_folder_that_lacks_a_file_of_the_model_is_refused(tmp_path: Path, folder: Path) -> None:
    entry, files = tiny_entry("http://models.invalid")
    one = tmp_path / "one.tflite"
    one.write_bytes(next(iter(files.values())))
    with pytest.raises(ModelError, match=entry.files[1].blob):
        take(entry, [one], folder)
    assert not folder.exists()


def test_a_disk_that_takes_nothing_is_not_taken_for_the_network(entry: Entry, folder: Path) -> None:
    folder.mkdir(parents=True)
    first = entry.files[0]
    (folder / f".{first.name}.part").mkdir()
    with pytest.raises(StorageError, match=r"^.* cannot be written: Is a directory"):
        fetch(entry, folder, ignore)


def test_a_proxy_that_is_no_address_is_an_error_without_its_password(
    entry: Entry, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", "http:/anna:secret@127.0.0.1:9")
    with pytest.raises(DownloadError) as caught:
        fetch(entry, folder, ignore)
    assert "secret" not in str(caught.value)
