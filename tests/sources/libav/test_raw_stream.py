from fractions import Fraction
from pathlib import Path

import av
import pytest

from anoncam.errors import InputError
from anoncam.sources.libav.raw_stream import raw_rate
from tests.support.clips import make_clip

pytestmark = pytest.mark.integration


def rate_of(path: Path, given: Fraction | None = None) -> tuple[Fraction | None, str]:
    with av.open(str(path)) as container:
        return raw_rate(container, container.streams.video[0], given, path.name)


def test_the_headers_of_the_stream_say_its_rate(tmp_path: Path) -> None:
    for ending, codec in (("h264", "libx264"), ("hevc", "libx265")):
        clip = make_clip(
            tmp_path / f"a.{ending}", codec, rate=50, time_base=Fraction(1, 50), options={}
        )
        rate, note = rate_of(clip)
        assert rate == 50
        assert "as its headers say" in note


def test_a_stream_that_states_none_gets_25_and_a_line_says_so(tmp_path: Path) -> None:
    rate, note = rate_of(make_clip(tmp_path / "a.mjpeg", "mjpeg", pix_fmt="yuvj420p", options={}))
    assert rate == 25
    assert "states no rate" in note


def test_a_rate_whose_frames_would_fill_the_memory_is_not_believed(tmp_path: Path) -> None:
    clip = make_clip(tmp_path / "a.h264", rate=1_000_000, time_base=Fraction(1, 1_000_000))
    rate, note = rate_of(clip)
    assert rate == 25
    assert "a rate of 1e+06, which cannot be true" in note


def test_a_given_rate_wins_and_is_refused_elsewhere(tmp_path: Path) -> None:
    assert rate_of(make_clip(tmp_path / "a.h264"), Fraction(12))[0] == 12
    assert rate_of(make_clip(tmp_path / "a.mkv")) == (None, "")
    with pytest.raises(InputError, match="states its own times"):
        rate_of(tmp_path / "a.mkv", Fraction(12))
