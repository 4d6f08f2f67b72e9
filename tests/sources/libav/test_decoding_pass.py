"""Files that are cut off or damaged, and whole ones that look like it."""

from pathlib import Path

import av
import numpy as np
import pytest

from anoncam.errors import InputError
from tests.support.clips import cut, damage, make_clip, make_sound
from tests.support.reading import numbers, numbers_until_it_breaks, open_clip

pytestmark = pytest.mark.integration


@pytest.mark.parametrize(
    ("ending", "options"),
    [
        ("mkv", {}),
        ("mp4", {"movflags": "faststart"}),
        ("mp4", {"movflags": "frag_keyframe+empty_moov"}),
        ("flv", {}),
    ],
)
def test_a_cut_off_file_gives_all_whole_pictures_and_then_the_place_of_the_cut(
    tmp_path: Path, ending: str, options: dict[str, str]
) -> None:
    whole = make_clip(tmp_path / f"clip.{ending}", times=range(50), muxer_options=options)
    short = cut(whole, 0.6)
    with open_clip(short) as source:
        read, message = numbers_until_it_breaks(source)
    assert 20 <= len(read) <= 35
    assert read == list(range(len(read)))
    assert message == f"{short} is cut off: it breaks off at {(len(read) - 1) / 25:.2f} s"


def test_no_whole_picture_is_lost_if_a_file_with_reordered_pictures_is_cut_off(
    tmp_path: Path,
) -> None:
    options, muxer_options = {"preset": "medium", "crf": "20", "g": "12"}, {"movflags": "faststart"}
    whole = make_clip(
        tmp_path / "clip.mp4",
        times=range(100),
        size=(320, 240),
        options=options,
        muxer_options=muxer_options,
    )
    short = cut(whole, 0.6)
    with av.open(str(whole)) as container:
        ends = [packet.pos + packet.size for packet in container.demux() if packet.pos is not None]
    with open_clip(short) as source:
        read, _ = numbers_until_it_breaks(source)
    assert len(read) == sum(end <= short.stat().st_size for end in ends)


def test_damage_among_the_last_pictures_is_reported(tmp_path: Path) -> None:
    options = {"preset": "medium", "crf": "20"}
    muxer_options = {"movflags": "faststart"}
    whole = make_clip(
        tmp_path / "clip.mp4",
        times=range(60),
        size=(320, 240),
        options=options,
        muxer_options=muxer_options,
    )
    data = whole.read_bytes()
    end = len(data) * 98 // 100
    whole.write_bytes(data[:end] + bytes(len(data) - end))
    with open_clip(whole) as source:
        read, message = numbers_until_it_breaks(source)
    assert 50 < len(read) < 60
    assert "is cut off" in message


def test_a_file_that_lacks_its_index_is_refused_at_once(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="lacks its end or beginning"):
        open_clip(cut(make_clip(tmp_path / "clip.mp4", times=range(50)), 0.6))


@pytest.mark.parametrize("ending", ["png"])
def test_a_picture_that_is_cut_off_is_refused(tmp_path: Path, ending: str) -> None:
    noise = np.random.default_rng(0).integers(0, 255, (48, 64, 3), np.uint8)
    path = tmp_path / f"noise.{ending}"
    av.VideoFrame.from_ndarray(noise, "rgb24").save(str(path))
    with pytest.raises(InputError, match="cut off"):
        open_clip(cut(path, 0.5))


def test_damage_in_the_middle_is_reported_at_the_end_and_only_broken_pictures_are_lost(
    tmp_path: Path,
) -> None:
    whole = make_clip(
        tmp_path / "clip.mp4", times=range(60), muxer_options={"movflags": "faststart"}
    )
    broken = damage(whole, 0.5, 3000)
    with open_clip(broken) as source:
        read, message = numbers_until_it_breaks(source)
    assert {*range(25), *range(40, 60)} <= set(read)
    assert f"{broken} is damaged: " in message
    assert " missing, from 1." in message


def test_a_whole_file_is_not_reported_as_damaged(tmp_path: Path) -> None:
    for ending in ("mp4", "mkv", "ts", "avi", "flv"):
        codec = "mpeg4" if ending == "avi" else "libx264"
        with open_clip(make_clip(tmp_path / f"clip.{ending}", codec, times=range(30))) as source:
            assert len(numbers(source)) == 30


def test_sound_that_outlasts_the_pictures_is_no_damage(tmp_path: Path) -> None:
    path = make_sound(tmp_path / "both.mkv", with_video=True, seconds=3)
    with open_clip(path) as source:
        assert len(numbers(source)) == 75


@pytest.mark.parametrize("ending", ["mkv", "flv"])
def test_the_last_picture_of_a_slide_show_may_last_long(tmp_path: Path, ending: str) -> None:
    clip = make_clip(tmp_path / f"slides.{ending}", times=[0, 100, 200], last=100)
    with av.open(str(clip)) as container:
        assert container.duration == 12_000_000
    with open_clip(clip) as source:
        assert len(numbers(source)) == 3
