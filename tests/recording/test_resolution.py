"""The resolution in what is written."""

import io

import pytest
from PIL import Image

from anoncam.recording.resolution import with_resolution


@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
def test_a_picture_gets_a_resolution_and_stays_readable(kind: str) -> None:
    plain = io.BytesIO()
    Image.new("RGB", (8, 8), (10, 20, 30)).save(plain, kind)
    with Image.open(io.BytesIO(with_resolution(plain.getvalue(), 11811, 5906))) as picture:
        assert picture.info["dpi"] == pytest.approx((300, 150), abs=0.1)
        assert picture.convert("RGB").getpixel((4, 4)) == pytest.approx((10, 20, 30), abs=3)


def test_any_other_picture_stays_as_it_is() -> None:
    assert with_resolution(b"RIFF", 1, 1) == b"RIFF"
