"""Damage that libav does not report."""

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.support.clips import cut, damage, make_clip, samples
from tests.support.reading import numbers, numbers_until_it_breaks, open_clip

pytestmark = pytest.mark.integration


@pytest.mark.parametrize(
    ("codec", "ending"),
    [("libx264", "mkv"), ("mpeg4", "mkv"), ("libvpx", "webm"), ("mjpeg", "mkv")],
)
@pytest.mark.parametrize(("place", "length"), [(0.5, 4000), (0.3, 20_000)])
def test_random_bytes_in_the_middle_of_a_matroska_file_are_reported_at_its_end(
    tmp_path: Path, codec: str, ending: str, place: float, length: int
) -> None:
    pix_fmt, options = ("yuvj420p", {}) if codec == "mjpeg" else ("yuv420p", {"g": "25"})
    clip = make_clip(
        tmp_path / f"clip.{ending}",
        codec,
        size=(320, 180),
        pix_fmt=pix_fmt,
        times=range(100),
        options=options,
    )
    with open_clip(clip) as source:
        assert len(numbers(source)) == 100
    broken = damage(clip, place, length)
    with open_clip(broken) as source:
        read, message = numbers_until_it_breaks(source)
    assert len(read) > 20
    assert f"{broken} is damaged: " in message


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


def test_a_matroska_file_that_was_written_to_a_pipe_is_whole(tmp_path: Path) -> None:
    clip = make_clip(tmp_path / "clip.mkv", times=range(50), muxer_options={"live": "1"})
    with open_clip(clip) as source:
        assert len(numbers(source)) == 50
