"""PNGs with text and colour profiles."""

import io
from pathlib import Path

import pytest
from PIL import Image, ImageCms, PngImagePlugin

from anoncam.errors import InputError
from anoncam.sources.libav.png import LARGEST, refuse_swollen
from tests.support.reading import as_media


def save(path: Path, text: str) -> Path:
    info = PngImagePlugin.PngInfo()
    info.add_text("Comment", text, zip=True)
    info.add_itxt("Title", text, zip=True)
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    Image.new("RGB", (8, 8)).save(path, pnginfo=info, icc_profile=profile)
    return path


def test_a_usual_text_and_profile_are_no_matter(tmp_path: Path) -> None:
    refuse_swollen(as_media(save(tmp_path / "plain.png", "a comment " * 1000)))


@pytest.mark.parametrize("text", ["x" * LARGEST, "y" * (LARGEST // 2 + 4096)])
def test_texts_that_are_too_long_together_are_refused(tmp_path: Path, text: str) -> None:
    path = save(tmp_path / "long.png", text)
    assert path.stat().st_size < 1 << 20
    with pytest.raises(InputError, match="save the picture without its metadata"):
        refuse_swollen(as_media(path))


def test_other_files_and_broken_ones_are_left_to_libav(tmp_path: Path) -> None:
    data = save(tmp_path / "plain.png", "text").read_bytes()
    for content in (b"", b"GIF89a", data[:40], data[:8] + b"\xff" * 100, data[:-30]):
        (tmp_path / "other").write_bytes(content)
        refuse_swollen(as_media(tmp_path / "other"))
    Image.open(io.BytesIO(data)).load()
