"""Which way up the pictures of a file are."""

import struct
from pathlib import Path

import pytest

from anoncam.clock import Stop, SystemClock
from anoncam.sources.file import FileSource
from tests.support.clips import make_clip
from tests.support.reading import open_clip

pytestmark = pytest.mark.integration


UNTURNED = (1 << 16, 0, 0, 0, 1 << 16, 0, 0, 0, 1 << 30)
TKHD_MATRIX = 44
"""Bytes from the name of a track header to its matrix."""


@pytest.mark.parametrize("rotation", [0, 90, 180, 270])
def test_the_turn_that_a_video_asks_for_is_its_rotation(tmp_path: Path, rotation: int) -> None:
    clip = make_clip(tmp_path / "turned.mp4", rotation=rotation, times=range(2))
    with open_clip(clip) as source:
        assert source.format.rotation == rotation
    source = FileSource(
        clip, paced=False, loop=False, clock=SystemClock(), stop=Stop(), rotation=90
    )
    assert source.format.rotation == (rotation + 90) % 360
    source.close()


@pytest.mark.parametrize("rotation", [0, 180])
def test_a_mirrored_video_is_brought_upright_too(tmp_path: Path, rotation: int) -> None:
    clip = make_clip(tmp_path / "mirrored.mp4", rotation=rotation, mirrored=True, times=range(2))
    with open_clip(clip) as source:
        assert source.format.rotation == rotation


def test_a_matrix_of_zeros_turns_nothing(tmp_path: Path) -> None:
    clip = make_clip(tmp_path / "zeros.mp4", times=range(2))
    data = bytearray(clip.read_bytes())
    matrix = data.index(b"tkhd") + TKHD_MATRIX
    assert data[matrix : matrix + 36] == struct.pack(">9I", *UNTURNED)
    data[matrix : matrix + 36] = bytes(36)
    clip.write_bytes(data)
    with open_clip(clip) as source:
        assert source.format.rotation == 0


UPRIGHT = {1: 0, 2: 0, 3: 180, 4: 180, 5: 90, 6: 90, 7: 270, 8: 270}
"""The clockwise turn for each orientation of EXIF, its mirroring left aside."""


@pytest.mark.parametrize("orientation", UPRIGHT)
@pytest.mark.parametrize("ending", ["jpg", "png", "webp", "tiff"])
def test_the_orientation_in_the_exif_of_a_picture_is_its_rotation(
    tmp_path: Path, ending: str, orientation: int
) -> None:
    image = pytest.importorskip(
        "PIL.Image", reason="Pillow writes EXIF; it comes with the extra `demo`"
    )
    picture = image.new("RGB", (64, 48), (200, 10, 10))
    exif = picture.getexif()
    exif[0x0112] = orientation
    path = tmp_path / f"turned.{ending}"
    picture.save(path, exif=exif)
    with open_clip(path) as source:
        assert source.format.rotation == UPRIGHT[orientation]
        assert source.is_picture
