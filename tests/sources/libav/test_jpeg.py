"""JPEGs that are cut off, that hold more than one picture, or that are videos."""

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.support.clips import cut, samples
from tests.support.reading import numbers, numbers_until_it_breaks, open_clip

pytestmark = pytest.mark.integration


def _photograph(path: Path, *, progressive: bool = False) -> Path:
    """A JPEG with a preview in its metadata."""
    preview = io.BytesIO()
    Image.fromarray(samples(32, 32, 0)[0]).save(preview, "jpeg")
    exif = b"Exif\x00\x00" + preview.getvalue()
    Image.fromarray(np.random.default_rng(0).integers(0, 255, (240, 320, 3), np.uint8)).save(
        path, exif=exif, progressive=progressive
    )
    return path


@pytest.mark.parametrize("progressive", [False, True])
@pytest.mark.parametrize("part", [0.95, 0.5])
def test_a_jpeg_whose_pixels_are_cut_off_is_reported(
    tmp_path: Path, progressive: bool, part: float
) -> None:
    whole = _photograph(tmp_path / "photograph.jpg", progressive=progressive)
    with open_clip(whole) as source:
        assert len(numbers(source)) == 1
    broken = cut(whole, part)
    with open_clip(broken) as source:
        read, message = numbers_until_it_breaks(source)
    assert len(read) == 1
    assert f"{broken} is cut off: the lower part" in message


def test_a_jpeg_with_more_data_after_its_end_is_whole(tmp_path: Path) -> None:
    whole = _photograph(tmp_path / "photograph.jpg")
    whole.write_bytes(whole.read_bytes() + b"a maker's own" * 100)
    with open_clip(whole) as source:
        assert len(numbers(source)) == 1


def test_only_the_first_picture_of_a_photograph_is_read(tmp_path: Path) -> None:
    preview = Image.fromarray(samples(320, 240, 7)[0])
    path = tmp_path / "photograph.jpg"
    Image.fromarray(samples(320, 240, 0)[0]).save(
        path, "MPO", save_all=True, append_images=[preview, preview]
    )
    with open_clip(path) as source:
        assert source.is_picture
        assert len(numbers(source)) == 1


@pytest.mark.parametrize("count", [2, 3, 10])
def test_jpegs_one_after_the_other_are_a_video(tmp_path: Path, count: int) -> None:
    path = tmp_path / "video.jpg"
    with path.open("wb") as file:
        for number in range(count):
            Image.fromarray(samples(64, 48, number)[0]).save(file, "jpeg")
    with open_clip(path) as source:
        assert not source.is_picture
        assert len(numbers(source)) == count
