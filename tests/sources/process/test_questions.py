"""Segments are played to their end, and nothing else is read."""

from pathlib import Path

import pytest

from anoncam.sources.process.questions import play
from tests.support.clips import cut, make_clip, make_sound
from tests.support.referring import REFERRING
from tests.support.tripwire import Tripwire

pytestmark = pytest.mark.integration


def test_a_whole_segment_plays_to_its_end(tmp_path: Path) -> None:
    calls: list[None] = []
    clip = make_clip(tmp_path / "clip.mp4", times=range(60))
    played = play(clip, lambda: calls.append(None))
    assert (played.frames, played.codec, played.problem) == (60, "h264", "")
    assert len(calls) == 12


@pytest.mark.parametrize("ending", ["mkv", "ts", "png"])
def test_a_file_of_another_kind_is_a_problem(tmp_path: Path, ending: str) -> None:
    codec, pix_fmt = ("png", "rgb24") if ending == "png" else ("libx264", "yuv420p")
    other = make_clip(tmp_path / f"clip.{ending}", codec, pix_fmt=pix_fmt, times=[0])
    played = play(other.rename(tmp_path / "clip.mp4"))
    assert played.frames == 0
    assert "is of a kind that is not read" in played.problem


def test_what_does_not_play_is_a_problem(tmp_path: Path) -> None:
    assert "does not exist" in play(tmp_path / "none.mp4").problem
    assert "holds no video" in play(make_sound(tmp_path / "sound.mp4", with_video=False)).problem
    options = {"movflags": "frag_keyframe+empty_moov"}
    whole = make_clip(tmp_path / "clip.mp4", times=range(50), muxer_options=options)
    assert 0 < play(cut(whole, 0.5)).frames < 50


@pytest.mark.parametrize("kind", REFERRING)
def test_a_segment_that_refers_to_others_reads_nothing(tmp_path: Path, kind: str) -> None:
    with Tripwire(make_clip(tmp_path / "bait.ts")) as tripwire:
        path = tmp_path / "000000001_20260714T091500Z.mp4"
        path.write_bytes(REFERRING[kind](tripwire.bait, tripwire.port))
        tripwire.touched()
        assert play(path).problem
        assert tripwire.touched() == []
