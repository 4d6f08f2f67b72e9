"""A place of this machine is written where it is; one in a store is uploaded once it is whole."""

import secrets
from pathlib import Path

import pytest

from anoncam.archive.at_hand import check_free, remove_unfinished, to_read, to_write, write_whole
from anoncam.clock import Stop
from anoncam.errors import StoppedError, StorageError
from anoncam.stores.remote_file import RemoteFile

pytest.importorskip("fsspec")


@pytest.fixture
def there() -> RemoteFile:
    return RemoteFile(f"memory://{secrets.token_hex(4)}/out.mp4")


def test_a_path_is_its_own_name(tmp_path: Path) -> None:
    with to_write(tmp_path / "out.mp4", force=False, stop=Stop()) as local:
        assert local == tmp_path / "out.mp4"
    with to_read(tmp_path / "out.mp4") as local:
        assert local == tmp_path / "out.mp4"


def test_what_is_written_for_a_store_is_uploaded_and_gone_from_here(there: RemoteFile) -> None:
    with to_write(there, force=False, stop=Stop()) as local:
        assert local.name == "out.mp4"
        local.write_bytes(b"covered")
        assert not there.exists()
    assert there.read_bytes() == b"covered"
    assert not local.parent.exists()
    with to_read(there) as copy:
        assert copy.read_bytes() == b"covered"
    assert not copy.parent.exists()


def test_of_what_fails_or_is_not_written_nothing_is_uploaded(there: RemoteFile) -> None:
    with to_write(there, force=False, stop=Stop()):
        pass
    assert not there.exists()
    with pytest.raises(StorageError), to_write(there, force=False, stop=Stop()) as local:
        local.write_bytes(b"half")
        raise StorageError("the disk is full")
    assert not there.exists()
    assert not local.parent.exists()


def test_after_a_stop_nothing_is_uploaded(there: RemoteFile) -> None:
    stop = Stop()
    with pytest.raises(StoppedError), to_write(there, force=False, stop=stop) as local:
        local.write_bytes(b"whole")
        stop.request()
    assert not there.exists()
    assert not local.parent.exists()


def test_what_is_there_is_replaced_by_force_alone(there: RemoteFile, tmp_path: Path) -> None:
    for place in (there, tmp_path / "out.mp4"):
        check_free(place, force=False)
        write_whole(place, b"one")
        write_whole(place, b"two")
        assert place.read_bytes() == b"two"
        check_free(place, force=True)
        with pytest.raises(StorageError, match="exists"):
            check_free(place, force=False)
        remove_unfinished(place)
        assert place.exists()
    with pytest.raises(StorageError, match="exists"), to_write(there, force=False, stop=Stop()):
        pass
