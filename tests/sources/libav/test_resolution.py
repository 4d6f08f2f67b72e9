"""How large a picture is to be printed."""

from pathlib import Path

import pytest
from PIL import Image

from anoncam.sources.libav.resolution import resolution_of
from tests.support.reading import as_media


@pytest.mark.parametrize("ending", ["png", "jpg"])
def test_the_resolution_of_a_picture_is_read(tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"page.{ending}"
    Image.new("RGB", (8, 8)).save(path, dpi=(300, 150))
    found = resolution_of(as_media(path))
    assert found is not None
    assert found == pytest.approx((11811, 5906), abs=1)


@pytest.mark.parametrize("content", [b"", b"\x89PNG", b"\xff\xd8\xff\xe0\0\x10JFIF\0"])
def test_a_picture_without_one_has_none(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "page").write_bytes(content)
    assert resolution_of(as_media(tmp_path / "page")) is None
