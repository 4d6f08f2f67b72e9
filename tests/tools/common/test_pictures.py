from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from anoncam.errors import InputError
from tools.common.pictures import choose, letterbox, read


def test_the_choice_is_spread_evenly_over_the_names_and_always_the_same(tmp_path: Path) -> None:
    for index in range(10):
        (tmp_path / f"{index}.jpg").touch()
    (tmp_path / "labels.json").touch()
    assert [path.name for path in choose(tmp_path, 3)] == ["0.jpg", "3.jpg", "6.jpg"]


def test_a_small_folder_is_taken_whole(tmp_path: Path) -> None:
    (tmp_path / "b.png").touch()
    (tmp_path / "a.JPG").touch()
    assert [path.name for path in choose(tmp_path, 128)] == ["a.JPG", "b.png"]


def test_a_folder_without_pictures_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=f"{tmp_path}: holds no picture"):
        choose(tmp_path, 128)


def test_a_letterboxed_picture_fills_the_top_left_and_the_rest_is_black() -> None:
    canvas = letterbox(Image.new("RGB", (200, 100), (10, 20, 30)), 64, 64)
    assert canvas.shape == (64, 64, 3)
    assert (canvas[:32] == (10, 20, 30)).all()
    assert not canvas[32:].any()


def test_a_small_picture_is_scaled_up_to_fit() -> None:
    canvas = letterbox(Image.new("RGB", (8, 16), (255, 255, 255)), 64, 64)
    assert (canvas[:, :32] == 255).all()
    assert not canvas[:, 32:].any()


def test_a_grey_picture_is_read_as_rgb(tmp_path: Path) -> None:
    Image.new("L", (32, 32), 77).save(tmp_path / "grey.png")
    (picture,) = read([tmp_path / "grey.png"], 32, 32)
    assert picture.dtype == np.uint8
    assert (picture == 77).all()


def test_a_file_that_is_no_picture_is_refused_by_name(tmp_path: Path) -> None:
    (tmp_path / "broken.jpg").write_bytes(b"nothing")
    with pytest.raises(InputError, match=r"broken\.jpg: cannot be read as a picture"):
        list(read([tmp_path / "broken.jpg"], 32, 32))
