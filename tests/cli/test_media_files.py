"""Which files of a folder are read."""

import os
from pathlib import Path

import pytest
from PIL import Image

from anoncam.cli.media_files import find_media
from anoncam.errors import InputError
from tests.support.clips import make_clip

pytestmark = pytest.mark.integration


def test_files_are_taken_by_content_and_all_others_but_text_are_listed(tmp_path: Path) -> None:
    make_clip(tmp_path / "clip.avi", times=range(2))
    (tmp_path / "clip.avi").rename(tmp_path / "no ending")
    Image.new("RGB", (8, 8)).save(tmp_path / "page.tif")
    (tmp_path / "broken.mp4").write_text("no video")
    (tmp_path / "notes.json").write_text("{}")
    (tmp_path / "inline.html").write_text("<img src='data:image/png;base64,iVBORw0KGgo'>")
    (tmp_path / "archive.zip").write_bytes(b"PK\3\4\xff\0")
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "inner").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "inner")
    media = find_media(tmp_path)
    assert [file.name for file in media.files] == ["broken.mp4", "no ending", "page.tif"]
    names = ["archive.zip", "inline.html", "link", "pipe"]
    assert sorted(file.name for file, _ in media.unread) == names
    assert all(str(file) in why for file, why in media.unread)


def test_a_folder_can_be_left_out(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "a.mp4").touch()
    assert find_media(tmp_path, leave_out=tmp_path / "out").files == []


def test_a_file_is_taken_as_it_is_and_a_missing_place_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("text")
    assert find_media(tmp_path / "notes.txt").files == [tmp_path / "notes.txt"]
    with pytest.raises(InputError, match="there is no"):
        find_media(tmp_path / "missing")
