"""What transparency hides does not come out."""

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image

from anoncam.sources.libav.transparency import (
    BACKGROUND,
    alpha_of,
    background,
    flatten,
    has_alpha,
    hides_colours,
)
from tests.support.reading import frames, open_clip

pytestmark = pytest.mark.integration


def half_hidden(seed: int) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    """White that can be seen on the left, noise that cannot on the right."""
    rgba = np.random.default_rng(seed).integers(0, 256, (48, 64, 4), np.uint8)
    rgba[:, :32] = 255
    rgba[:, 32:, 3] = 0
    return rgba


def picture(seed: int = 0) -> av.VideoFrame:
    return av.VideoFrame.from_ndarray(half_hidden(seed), "rgba")


def test_a_picture_is_laid_on_the_background_where_it_is_transparent() -> None:
    flat = flatten(picture(), 100).to_ndarray()
    assert (flat[:, :32] == 255).all()
    assert (flat[:, 32:] == 100).all()
    assert np.array_equal(flat, flatten(picture(1), 100).to_ndarray())


def test_alpha_is_given_only_where_something_is_transparent() -> None:
    alpha = alpha_of(picture())
    assert alpha is not None
    assert alpha.shape == (48, 64)
    assert np.array_equal(np.unique(alpha), [0, 255])
    opaque = np.full((48, 64, 4), 255, np.uint8)
    assert alpha_of(av.VideoFrame.from_ndarray(opaque, "rgba")) is None
    assert alpha_of(picture().reformat(format="rgb24")) is None


@pytest.mark.parametrize("pix_fmt", ["rgba", "bgra", "yuva420p", "yuva444p10le", "ya8"])
def test_every_format_with_alpha_counts_as_transparent(pix_fmt: str) -> None:
    assert has_alpha(av.VideoFrame(16, 16, pix_fmt))
    assert not has_alpha(av.VideoFrame(16, 16, "yuv444p"))


def test_hidden_colours_are_told_from_a_single_one() -> None:
    assert hides_colours(picture())
    plain = half_hidden(0)
    plain[:, 32:, :3] = 7
    assert not hides_colours(av.VideoFrame.from_ndarray(plain, "rgba"))


def test_videos_are_laid_on_black_and_those_of_pages_on_white() -> None:
    assert background("prores", is_picture=False) == 0
    assert background("gif", is_picture=False) == 255
    assert background("png", is_picture=True) == BACKGROUND


@pytest.mark.parametrize("ending", ["png", "webp", "tiff"])
def test_a_frame_is_the_same_whatever_a_picture_hides(tmp_path: Path, ending: str) -> None:
    seen = []
    for seed in range(2):
        path = tmp_path / f"{seed}.{ending}"
        Image.fromarray(half_hidden(seed)).save(path, lossless=True, exact=True)
        with open_clip(path) as source:
            seen.append(next(frames(source)).buffer.copy())
    assert np.array_equal(seen[0], seen[1])


def test_what_a_video_hides_does_not_come_out(tmp_path: Path) -> None:
    path = tmp_path / "clip.mov"
    with av.open(path, "w") as target:
        stream = target.add_stream("prores_ks", rate=10, options={"profile": "4444"})
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuva444p10le"
        for number in range(3):
            video = picture(number)
            video.pts, video.time_base = number, Fraction(1, 10)
            target.mux(stream.encode(video))
        target.mux(stream.encode())
    with open_clip(path) as source:
        for frame in frames(source):
            assert frame.luma[:, 36:].max() < 12
            assert frame.luma[:, :28].min() > 240


def test_a_webm_with_transparency_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "clip.webm"
    with av.open(path, "w") as target:
        stream = target.add_stream("libvpx", rate=10, options={"auto-alt-ref": "0"})
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuva420p"
        target.mux(stream.encode(picture().reformat(format="yuva420p")))
        target.mux(stream.encode())
    with pytest.raises(OSError, match="transparency"):
        open_clip(path)
