"""The transparency of what is written."""

from dataclasses import replace
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image

from anoncam.frames.frame import tight
from anoncam.recording.alpha import lay_on_white, opaque_where_covered, take_off_background
from anoncam.recording.picture_writer import PictureWriter
from anoncam.tracking.coverage import Coverage, CoverBox
from tests.support.frames import as_anonymized, blank

ALPHA = np.tile(np.linspace(0, 255, 64, dtype=np.uint8), (48, 1))
COVERED = Coverage((CoverBox((20, 10, 40, 30), "track 1"),))


def test_alpha_is_opaque_around_what_is_covered_and_kept_elsewhere() -> None:
    alpha = opaque_where_covered(ALPHA, as_anonymized(blank(tight(64, 48)), COVERED))
    assert (alpha[8:32, 15:45] == 255).all()
    assert np.array_equal(alpha[:, :9], ALPHA[:, :9])
    veiled = opaque_where_covered(ALPHA, as_anonymized(blank(tight(64, 48)), Coverage(veil="x")))
    assert (veiled == 255).all()


def test_the_background_is_taken_off_again() -> None:
    colour = np.array([200, 30, 90])
    share = ALPHA[:, :, None] / 255
    mixed = np.full((48, 64, 4), 255, np.uint8)
    mixed[:, :, :3] = (128 + (colour - 128) * share).round()
    picture = av.VideoFrame.from_ndarray(mixed, "rgba")
    take_off_background(picture, ALPHA, 128)
    result = picture.to_ndarray()
    assert np.array_equal(result[:, :, 3], ALPHA)
    assert abs(result[:, 32:, :3].astype(int) - colour).max() <= 2
    assert (result[ALPHA == 0][:, :3] == 0).all()


def test_the_background_becomes_white_where_there_is_no_alpha() -> None:
    picture = av.VideoFrame.from_ndarray(np.full((48, 64, 3), 128, np.uint8), "rgb24")
    lay_on_white(picture, np.where(ALPHA < 128, 0, 255).astype(np.uint8), 128)
    result = picture.to_ndarray()
    assert (result[ALPHA < 128] == 255).all()
    assert (result[ALPHA >= 128] == 128).all()


@pytest.mark.parametrize("suffix", [".png", ".webp"])
@pytest.mark.parametrize("rotation", [0, 90])
@pytest.mark.parametrize("sides", [(64, 48), (63, 47)])
def test_a_picture_is_written_with_its_alpha(
    tmp_path: Path, suffix: str, rotation: int, sides: tuple[int, int]
) -> None:
    width, height = sides
    alpha = ALPHA[:height, :width]
    frame = blank(replace(tight(width, height), rotation=rotation, color_range=2, colorspace=5))
    path = tmp_path / f"out{suffix}"
    with PictureWriter(path, alpha=alpha) as picture:
        picture.write(as_anonymized(frame))
        picture.commit()
    with Image.open(path) as opened:
        written = np.asarray(opened.convert("RGBA"))
    assert np.array_equal(written[:, :, 3], np.rot90(alpha, -rotation // 90))
