from fractions import Fraction
from pathlib import Path

import av
import pytest
from av.audio.stream import AudioStream

from anoncam.clock import NANOSECONDS
from anoncam.errors import InputError
from anoncam.sources.libav.audio_track import AudioTrack
from tests.support.clips import cut, make_clip, make_sound

pytestmark = pytest.mark.integration


def start_of(packet: "av.Packet[AudioStream]") -> Fraction:
    """Nanoseconds."""
    assert packet.pts is not None
    return packet.pts * packet.time_base * NANOSECONDS


def test_the_packets_come_in_order_and_never_ahead_of_the_frame(tmp_path: Path) -> None:
    path = make_sound(tmp_path / "both.mp4", with_video=True)
    with AudioTrack(path, 0) as audio:
        starts = []
        for frame in range(25):
            timestamp = frame * NANOSECONDS // 25
            due = [start_of(packet) for packet in audio.until(timestamp)]
            assert all(start <= timestamp for start in due)
            starts += due
        starts += [start_of(packet) for packet in audio.until(None)]
        assert list(audio.until(None)) == []
    assert len(starts) >= 46
    assert starts == sorted(starts)


def test_the_sound_is_timed_from_the_first_frame_on(tmp_path: Path) -> None:
    path = make_sound(tmp_path / "both.mp4", with_video=True)
    with AudioTrack(path, 0) as audio:
        plain = [(packet.pts, packet.dts) for packet in audio.until(None)]
    with AudioTrack(path, NANOSECONDS // 2) as audio:
        shifted = [(packet.pts, packet.dts) for packet in audio.until(None)]
    assert [(pts - 24000, dts - 24000) for pts, dts in plain] == shifted  # type: ignore[operator]


def test_a_file_without_sound_has_no_template(tmp_path: Path) -> None:
    with AudioTrack(make_clip(tmp_path / "silent.mp4"), 0) as audio:
        assert audio.template is None
        assert list(audio.until(None)) == []


def test_the_sound_of_a_file_that_is_cut_off_ends_where_it_does(tmp_path: Path) -> None:
    short = cut(make_sound(tmp_path / "both.mkv", with_video=True, seconds=3), 0.5)
    with AudioTrack(short, 0) as audio:
        assert 1 < len(list(audio.until(None))) < 140


def test_a_missing_file_raises_an_input_error(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="does not exist"):
        AudioTrack(tmp_path / "none.mp4", 0)
