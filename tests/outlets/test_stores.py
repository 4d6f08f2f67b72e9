"""Files in a store of archives: a real server of SFTP, by rclone serve."""

from pathlib import Path

import pytest

from anoncam.config.schema import FilesSettings
from anoncam.errors import StoreError, UnreachableError
from anoncam.sources.process.questions import packet_times
from anoncam.stores.remote_file import RemoteFile
from tests.support.clips import make_clip
from tests.support.programs import needs
from tests.support.remotes import PASSWORD, Remote

pytestmark = pytest.mark.integration


def test_files_are_read_and_written_by_sftp_with_the_password_of_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("paramiko")
    config = pytest.importorskip("fsspec.config")
    needs("rclone", "rclone")
    # fsspec reads FSSPEC_SFTP_PASSWORD into this when it is imported.
    monkeypatch.setitem(config.conf, "sftp", {"password": PASSWORD})
    clip = make_clip(tmp_path / "in.mp4")
    with Remote("sftp", tmp_path / "remote").up() as server:
        there = RemoteFile(f"sftp://camera@127.0.0.1:{server.port}/archive")
        file = there / "inner" / "in.mp4"
        assert not file.exists()
        file.upload(clip)
        file.upload(clip)
        assert there.files() == [file]
        assert packet_times(file, FilesSettings()) == packet_times(clip, FilesSettings())
        # Another thread has read the file: this one's connection is not disturbed.
        assert there.contents() == [clip.read_bytes()]
        known = file.size_and_state()
        assert known is not None
        assert known[0] == clip.stat().st_size
        assert file.size_and_state() == known
        there.remove()
        assert not there.is_dir()
        monkeypatch.setitem(config.conf, "sftp", {"password": "wrong"})
        with pytest.raises(StoreError, match="no permission") as refused:
            RemoteFile(f"sftp://other@127.0.0.1:{server.port}/archive").exists()
        assert PASSWORD not in str(refused.value)


def test_after_a_server_has_been_away_it_is_reached_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("paramiko")
    config = pytest.importorskip("fsspec.config")
    needs("rclone", "rclone")
    monkeypatch.setitem(config.conf, "sftp", {"password": PASSWORD})
    server = Remote("sftp", tmp_path / "remote")
    file = RemoteFile(f"sftp://camera@127.0.0.1:{server.port}/in.bin")
    with server.up():
        file.write_bytes(b"before")
    with pytest.raises(UnreachableError):
        file.read_bytes()
    with server.up():
        assert file.read_bytes() == b"before"
