import os
import stat
from pathlib import Path

import pytest

from anoncam.config import outlets
from anoncam.config.folders import Folders
from anoncam.config.schema import Config


def config(**sections: dict[str, object]) -> Config:
    camera = {"type": "rtsp", "address": "rtsp://user:hunter2@camera/1"}
    return Config.model_validate({"source": camera, **sections})


def both(state: Path) -> Folders:
    return Folders(state, state / "run")


def test_what_is_published_is_read_again(tmp_path: Path) -> None:
    outlets.publish(config(upload={"to": "nas:garden", "bandwidth": 5000}), both(tmp_path / "new"))
    found = outlets.read(tmp_path / "new")
    assert found is not None
    assert outlets.read(tmp_path / "new" / "run") == found
    assert (found.upload.to, found.upload.bandwidth) == ("nas:garden", 5000)
    assert found.recordings == str(tmp_path / "new" / "recordings")


def test_the_address_of_the_camera_is_not_published(tmp_path: Path) -> None:
    outlets.publish(config(), both(tmp_path))
    assert "hunter2" not in (tmp_path / outlets.NAME).read_text()
    assert "rtsp://" not in (tmp_path / outlets.NAME).read_text()


def test_publishing_the_same_writes_nothing(tmp_path: Path) -> None:
    outlets.publish(config(), both(tmp_path))
    before = (tmp_path / outlets.NAME).stat().st_ino
    outlets.publish(config(), both(tmp_path))
    assert (tmp_path / outlets.NAME).stat().st_ino == before


@pytest.mark.parametrize("content", ["", "{", "[]", '{"upload": {"to": 3}}'])
def test_what_is_missing_or_spoiled_is_nothing(tmp_path: Path, content: str) -> None:
    assert outlets.read(tmp_path) is None
    (tmp_path / outlets.NAME).write_text(content)
    assert outlets.read(tmp_path) is None


def test_a_folder_that_cannot_be_written_is_a_warning(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "file").touch()
    outlets.publish(config(), both(tmp_path / "file"))
    assert "cannot be written" in caplog.text


def test_the_user_of_an_outlet_may_read_it_whatever_the_umask(tmp_path: Path) -> None:
    before = os.umask(0o077)
    try:
        outlets.publish(config(), both(tmp_path))
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "run" / outlets.NAME).stat().st_mode) == 0o644
