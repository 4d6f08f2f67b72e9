"""Which way up the pictures of a file are."""

import struct
from pathlib import Path

import numpy as np
import pytest

from anoncam.clock import Stop, SystemClock
from anoncam.sources.file import FileSource
from tests.support.clips import equal, make_clip, samples
from tests.support.reading import frames, open_clip

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


@pytest.mark.parametrize("rotation", [0, 90, 180, 270])
@pytest.mark.parametrize("pix_fmt", ["yuv420p", "yuvj420p", "yuv444p"])
def test_a_mirrored_video_is_brought_upright_and_mirrored(
    tmp_path: Path, rotation: int, pix_fmt: str
) -> None:
    clip = make_clip(
        tmp_path / "mirrored.mp4",
        rotation=rotation,
        mirrored=True,
        times=range(2),
        pix_fmt=pix_fmt,
    )
    with open_clip(clip) as source:
        assert source.format.rotation == rotation
        shown = [frame.luma.copy() for frame in frames(source)]
    stored = [samples(96, 64, number)[0] for number in range(2)]
    turned = [np.rot90(luma, -rotation // 90) for luma in stored]
    assert equal(
        [np.rot90(luma, -rotation // 90) for luma in shown], [np.fliplr(t) for t in turned]
    )


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


@pytest.mark.parametrize("orientation", UPRIGHT)
@pytest.mark.parametrize("ending", ["png", "tiff"])
def test_a_picture_is_read_as_people_see_it(tmp_path: Path, ending: str, orientation: int) -> None:
    image = pytest.importorskip(
        "PIL.Image", reason="Pillow writes EXIF; it comes with the extra `demo`"
    )
    operations = pytest.importorskip("PIL.ImageOps", reason="it comes with Pillow")
    red = np.linspace(30, 220, 48 * 64).reshape(48, 64).astype(np.uint8)
    picture = image.fromarray(np.stack([red, red, red], axis=2))
    exif = picture.getexif()
    exif[0x0112] = orientation
    path = tmp_path / f"turned.{ending}"
    picture.save(path, exif=exif)
    with image.open(path) as stored:
        seen = np.asarray(operations.exif_transpose(stored))[:, :, 0]
    with open_clip(path) as source:
        (frame,) = (frame.luma.copy() for frame in frames(source))
        upright = np.rot90(frame, -source.format.rotation // 90)
    assert np.abs(upright.astype(int) - seen).max() <= 2
