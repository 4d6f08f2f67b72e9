from dataclasses import replace
from pathlib import Path

import av
import numpy as np
import pytest

from anoncam.errors import StorageError
from anoncam.frames.frame import FrameFormat, Layout, tight
from anoncam.recording.picture_writer import PictureWriter
from tests.support.frames import as_anonymized, blank, small_format

pytestmark = pytest.mark.integration

FORMAT = small_format()


def upright(path: Path) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    with av.open(str(path)) as container:
        return (
            next(container.decode(video=0)).to_ndarray(format="rgb24").astype(np.uint8, copy=False)
        )


@pytest.mark.parametrize("suffix", [".jpg", ".jpeg", ".png", ".webp", ".PNG"])
@pytest.mark.parametrize("layout", [Layout.I420, Layout.NV12])
def test_a_picture_is_turned_upright_and_carries_no_metadata(
    tmp_path: Path, suffix: str, layout: Layout
) -> None:
    # Bright on the left for the camera, so bright at the top once it is turned clockwise.
    frame = blank(
        replace(FrameFormat(65, 41, 80, layout), rotation=90, color_range=2, colorspace=5)
    )
    frame.luma[:] = np.where(np.arange(65) < 30, 220, 40)
    path = tmp_path / f"out{suffix}"
    with PictureWriter(path) as still:
        still.write(as_anonymized(frame))
        assert not path.exists()
        still.commit()
    assert list(tmp_path.iterdir()) == [path]
    picture = upright(path)
    assert picture.shape == (65, 41, 3)
    assert picture[5:25].mean() == pytest.approx(220, abs=4)
    assert picture[40:60].mean() == pytest.approx(40, abs=4)
    data = path.read_bytes()
    assert not any(mark in data for mark in (b"Exif", b"http:", b"Lavc", b"tEXt"))


@pytest.mark.parametrize("suffix", [".jpg", ".png", ".webp"])
def test_the_colours_of_a_picture_survive_full_and_limited(tmp_path: Path, suffix: str) -> None:
    results = []
    for index, (color_range, luma) in enumerate(((2, 128), (1, 126))):
        frame = blank(replace(tight(64, 64), color_range=color_range, colorspace=5))
        frame.luma[:] = luma
        with PictureWriter(tmp_path / f"{index}{suffix}") as still:
            still.write(as_anonymized(frame))
            still.commit()
        results.append(upright(tmp_path / f"{index}{suffix}").mean())
    assert results == pytest.approx([128, 128], abs=2)


def test_a_picture_is_never_overwritten_without_force(tmp_path: Path) -> None:
    path = tmp_path / "out.png"
    path.write_text("precious")
    with pytest.raises(StorageError):
        PictureWriter(path)
    with PictureWriter(path, force=True) as still:
        still.write(as_anonymized(blank(FORMAT)))
    assert path.read_text() == "precious"
    with PictureWriter(path, force=True) as still:
        still.write(as_anonymized(blank(FORMAT)))
        still.commit()
    assert upright(path).shape == (48, 64, 3)
