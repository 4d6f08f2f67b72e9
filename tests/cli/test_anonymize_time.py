"""`anoncam anonymize` on files whose time, sound or shape once went wrong."""

import itertools
import json
from pathlib import Path

import av
import pytest

from tests.support.clips import make_sound
from tests.support.running import anoncam

pytestmark = pytest.mark.integration


@pytest.fixture
def cases(shared: Path) -> Path:
    folder = shared / "data" / "cases" / "media"
    if not folder.is_dir():
        pytest.skip(f"no cases in {folder}")
    return folder


def times(path: Path, kind: str) -> list[float]:
    """When the packets of one kind of stream are played, in seconds."""
    with av.open(str(path)) as container:
        return sorted(
            float(packet.pts * packet.time_base)
            for packet in container.demux(getattr(container.streams, kind)[0])
            if packet.size and packet.pts is not None and not packet.is_discard
        )


def lead(path: Path) -> float:
    """Seconds by which the sound begins before the pictures."""
    return times(path, "video")[0] - times(path, "audio")[0]


@pytest.mark.parametrize(
    "name", ["01-ts-starts-at-1.5s-audio.ts", "01b-mp4-video-starts-0.4s.mp4", "plain.ts"]
)
def test_sound_stays_in_step_whatever_the_start_times(
    cases: Path, tmp_path: Path, name: str
) -> None:
    for ending in ("mp4", "mkv"):
        copy = tmp_path / f"out.{ending}"
        ended = anoncam("anonymize", cases / name, "-o", copy, "--keep-audio")
        assert ended.returncode == 0, ended.stderr
        assert lead(copy) == pytest.approx(lead(cases / name), abs=0.02)
        assert len(times(copy, "video")) == 30


def check_joined(path: Path, copy: Path, frames: int) -> None:
    ended = anoncam("anonymize", path, "-o", copy, "--keep-audio")
    assert ended.returncode == 0, ended.stderr
    assert "the clock of" in ended.stderr
    assert "at 2.00 s" in ended.stderr
    pictures, sounds = times(copy, "video"), times(copy, "audio")
    steps = [later - earlier for earlier, later in itertools.pairwise(pictures)]
    assert len(pictures) == frames
    assert max(steps) - min(steps) < 0.002
    assert max(later - earlier for earlier, later in itertools.pairwise(sounds)) < 0.05
    assert sounds[-1] == pytest.approx(pictures[-1], abs=0.08)


@pytest.mark.parametrize(
    "name", ["03-two-ts-joined-clock-back-2s.ts", "03c-two-ts-joined-jump-1h.ts"]
)
def test_joined_recordings_follow_each_other_in_step(
    cases: Path, tmp_path: Path, name: str
) -> None:
    check_joined(cases / name, tmp_path / "out.mp4", 60)


def test_recordings_joined_here_follow_each_other_in_step(tmp_path: Path) -> None:
    part = make_sound(tmp_path / "part.ts", with_video=True, seconds=2).read_bytes()
    path = tmp_path / "joined.ts"
    path.write_bytes(part * 2)
    check_joined(path, tmp_path / "out.mp4", 100)


def test_faces_are_found_though_pixels_are_not_square(cases: Path, tmp_path: Path) -> None:
    ended = anoncam("anonymize", cases / "11-sar-4to1.mp4", "-o", tmp_path / "out.mp4", "--json")
    (result,) = json.loads(ended.stdout)
    assert result["faces_covered"] >= 30


def test_interlaced_stays_flagged_and_the_last_frame_lasts_as_long_as_the_others(
    cases: Path, tmp_path: Path
) -> None:
    for name in ("12-interlaced.mp4", "13-960fps.mp4"):
        copy = tmp_path / name
        assert anoncam("anonymize", cases / name, "-o", copy).returncode == 0
        with av.open(str(copy)) as after, av.open(str(cases / name)) as before:
            assert after.duration == pytest.approx(before.duration, abs=1000)
            shown = [next(each.decode(video=0)) for each in (before, after)]
            assert shown[0].interlaced_frame == shown[1].interlaced_frame


def test_what_begins_in_the_middle_or_changes_its_size_is_told_by_its_cause(
    cases: Path, tmp_path: Path
) -> None:
    for name, cause, written in (
        ("14-starts-mid-gop-no-keyframe.ts", "begins in the middle of a recording", False),
        ("15-size-changes.ts", "changes the size of its pictures", True),
    ):
        copy = tmp_path / f"{name}.mp4"
        ended = anoncam("anonymize", cases / name, "-o", copy)
        assert ended.returncode == 3
        assert cause in ended.stderr
        assert copy.exists() is written
    assert len(times(copy, "video")) == 30


def test_odd_sizes_raw_streams_and_default_tracks_come_out_as_they_should(
    cases: Path, tmp_path: Path
) -> None:
    odd, raw, tracks = (tmp_path / name for name in ("odd.mp4", "raw.mp4", "tracks.mp4"))
    assert anoncam("anonymize", cases / "18-odd-size.avi", "-o", odd).returncode == 0
    with av.open(str(odd)) as container:
        stream = container.streams.video[0]
        assert (stream.width, stream.height) == (640, 362)
        assert stream.pix_fmt in {"yuv420p", "yuvj420p"}
    assert anoncam("anonymize", cases / "05b-raw-h264-30fps.h264", "-o", raw).returncode == 0
    assert times(raw, "video")[-1] == pytest.approx(29 / 30, abs=0.001)
    ended = anoncam(
        "anonymize", cases / "19-default-audio-is-second.mp4", "-o", tracks, "--keep-audio"
    )
    assert "left out: 1 audio track" in ended.stdout
    with av.open(str(tracks)) as container:
        assert container.streams.audio[0].rate == 48000
