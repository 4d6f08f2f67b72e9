"""Damage in Matroska and WebM files."""

from pathlib import Path

import pytest

from tests.support.clips import damage, make_clip
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


def test_a_matroska_file_that_was_written_to_a_pipe_is_whole(tmp_path: Path) -> None:
    clip = make_clip(tmp_path / "clip.mkv", times=range(50), muxer_options={"live": "1"})
    with open_clip(clip) as source:
        assert len(numbers(source)) == 50
