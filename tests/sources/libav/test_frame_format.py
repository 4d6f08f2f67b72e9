"""The format of the frames: colours, tags and the shape of a pixel."""

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image

from anoncam.frames.frame import Fields
from anoncam.sources.libav.frame_format import FULL_RANGE
from tests.support.clips import make_clip
from tests.support.reading import frames, open_clip

pytestmark = pytest.mark.integration


def test_colours_of_rgb_are_those_of_a_jpeg(tmp_path: Path) -> None:
    path = tmp_path / "red.png"
    with av.open(str(path), "w", options={"update": "1"}) as container:
        stream = container.add_stream("png", rate=25)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "rgb24"
        red = np.broadcast_to(np.array([255, 0, 0], np.uint8), (48, 64, 3))
        container.mux(stream.encode(av.VideoFrame.from_ndarray(np.ascontiguousarray(red), "rgb24")))
    with open_clip(path) as source:
        frame = next(frames(source))
        assert (source.format.color_range, source.format.colorspace) == (2, 5)
    # ITU-T T.871: Y = 0.299 R, Cb = 128 - 0.1687 R, Cr = 128 + 0.5 R.
    assert abs(int(frame.luma[10, 10]) - 76) <= 1
    assert [int(plane[5, 5]) for plane in frame.chroma] == pytest.approx([85, 255], abs=1)


def test_colour_tags_and_pixel_shape_are_kept(tmp_path: Path) -> None:
    path = tmp_path / "tagged.mp4"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=25, options={"preset": "ultrafast"})
        stream.width, stream.height, stream.pix_fmt = 96, 64, "yuv420p"
        context = stream.codec_context
        context.color_range, context.colorspace, context.color_primaries, context.color_trc = (
            2,
            9,
            9,
            14,
        )
        context.sample_aspect_ratio = Fraction(4, 3)
        container.mux(stream.encode(av.VideoFrame(96, 64, "yuv420p")))
        container.mux(stream.encode(None))
    with open_clip(path) as source:
        tags = source.format
    assert (tags.color_range, tags.colorspace, tags.color_primaries, tags.color_trc) == (
        2,
        9,
        9,
        14,
    )
    assert tags.sample_aspect_ratio == Fraction(4, 3)


@pytest.mark.parametrize(("ending", "count"), [("jpg", 1), ("mjpeg", 3), ("tif", 1), ("bmp", 1)])
def test_grey_without_a_range_goes_from_0_to_255(tmp_path: Path, ending: str, count: int) -> None:
    ramp = np.tile(np.linspace(0, 255, 256).astype(np.uint8), (64, 1))
    path = tmp_path / f"one.{ending}"
    kind = "JPEG" if ending == "mjpeg" else None
    Image.fromarray(ramp).save(path, kind, quality=95)
    path.write_bytes(path.read_bytes() * count)
    with open_clip(path) as source:
        seen = [frame.luma.copy() for frame in frames(source)]
        assert source.format.color_range == 2
    assert len(seen) == count
    assert all(abs(each.astype(int) - ramp).max() <= 4 for each in seen)


@pytest.mark.parametrize("fields", [Fields.TOP_FIRST, Fields.BOTTOM_FIRST])
def test_interlaced_pictures_stay_interlaced(tmp_path: Path, fields: Fields) -> None:
    options = {"x264-params": f"{fields}=1", "qp": "0"}
    clip = make_clip(tmp_path / "clip.mp4", size=(96, 64), options=options)
    with open_clip(clip) as source:
        assert source.format.fields is fields


def test_a_grey_jpeg_has_the_full_range(tmp_path: Path) -> None:
    Image.new("L", (96, 64), 10).save(tmp_path / "grey.jpg")
    with open_clip(tmp_path / "grey.jpg") as source:
        assert source.format.color_range == FULL_RANGE
