"""`anoncam detect --draw` never costs a picture."""

from pathlib import Path

import pytest
from PIL import Image
from skimage.data import astronaut

from anoncam.errors import StorageError
from tests.support.running import anoncam

pytestmark = pytest.mark.integration


def test_a_picture_is_never_drawn_over_itself(tmp_path: Path) -> None:
    picture = tmp_path / "face.png"
    Image.fromarray(astronaut()).save(picture)
    before = picture.read_bytes()
    ended = anoncam("detect", picture, "--draw", tmp_path)
    assert ended.returncode == StorageError.exit_code
    assert str(picture) in ended.stderr
    assert len(ended.stderr.splitlines()) == 1
    assert picture.read_bytes() == before


def test_two_pictures_are_never_drawn_to_one_place(tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    for path in (tmp_path / "face.png", tmp_path / "other" / "face.jpg"):
        Image.fromarray(astronaut()).save(path)
    ended = anoncam(
        "detect", tmp_path / "face.png", tmp_path / "other" / "face.jpg", "--draw", tmp_path / "boxes"
    )  # fmt: skip
    assert ended.returncode == StorageError.exit_code
    assert "face.png" in ended.stderr
    assert not (tmp_path / "boxes").exists()
