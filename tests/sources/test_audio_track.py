import functools
import itertools
import re
import struct
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from av.audio.stream import AudioStream
from av.stream import Disposition

from anoncam.clock import NANOSECONDS, Stop
from anoncam.errors import InputError, StoppedError
from anoncam.sources import audio_track
from anoncam.sources.audio_track import AudioTrack
from anoncam.sources.process.media_process import FileProcess
from tests.support.clips import cut, make_clip, make_sound
from tests.support.liars import LIES_ABOUT_SOUND, LIES_OF_PACKETS, LONG_AGO, NO_PACKETS
from tests.support.reading import frames, open_clip

pytestmark = pytest.mark.integration


@pytest.fixture
def lying(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., AudioTrack]:
    """Open the sound of a file whose process tells a lie."""
    liar = functools.partial(FileProcess, module="tests.support.liars")
    monkeypatch.setattr(audio_track, "FileProcess", liar)

    def opened(lie: str, stop: Stop | None = None) -> AudioTrack:
        (tmp_path / lie).write_text(lie)
        return AudioTrack(tmp_path / lie, stop=stop)

    return opened


def starts_of(audio: AudioTrack, until: int | None = None) -> list[Fraction]:
    """When the packets that are due begin, in nanoseconds."""
    assert audio.format is not None
    return [packet.time * audio.format.time_base * NANOSECONDS for packet in audio.until(until)]


def test_the_packets_come_in_order_and_never_ahead_of_the_frame(tmp_path: Path) -> None:
    path = make_sound(tmp_path / "both.mp4", with_video=True)
    with AudioTrack(path) as audio:
        starts = []
        for frame in range(25):
            timestamp = frame * NANOSECONDS // 25
            due = starts_of(audio, timestamp)
            assert all(start <= timestamp for start in due)
            starts += due
        starts += starts_of(audio)
        assert list(audio.until(None)) == []
    assert len(starts) >= 45
    assert starts == sorted(starts)


def test_the_sound_is_timed_from_the_first_frame_on(tmp_path: Path) -> None:
    path = make_sound(tmp_path / "both.mp4", with_video=True)
    with AudioTrack(path) as audio:
        plain = [packet.time for packet in audio.until(None)]
    with AudioTrack(path) as audio:
        audio.start = NANOSECONDS // 2
        shifted = [packet.time for packet in audio.until(None)]
    assert [time - 24000 for time in plain] == shifted


def test_all_sound_of_a_fragmented_file_is_read(tmp_path: Path) -> None:
    whole = make_sound(tmp_path / "whole.mkv", with_video=True, seconds=3)
    path = tmp_path / "fragmented.mp4"
    flags = {"movflags": "empty_moov+frag_every_frame"}
    with av.open(str(whole)) as source, av.open(str(path), "w", options=flags) as target:
        stream = target.add_stream_from_template(source.streams.audio[0])
        for packet in source.demux(audio=0):
            if packet.dts is not None:
                packet.stream = stream
                target.mux(packet)
    with AudioTrack(path) as audio:
        assert len(list(audio.until(None))) >= 139


def test_the_default_track_is_taken(tmp_path: Path) -> None:
    path = tmp_path / "two.mkv"
    with av.open(str(path), "w") as container:
        for rate, is_default in ((44100, False), (48000, True)):
            stream = container.add_stream("pcm_s16le", rate=rate)
            stream.disposition = Disposition.default if is_default else Disposition(0)
        for stream in container.streams.audio:
            block = av.AudioFrame.from_ndarray(np.zeros((1, 1000), np.int16), "s16", "mono")
            block.sample_rate, block.pts = stream.rate, 0
            container.mux(stream.encode(block))
    with AudioTrack(path) as audio:
        assert audio.format is not None
        assert audio.format.rate == 48000


def test_sound_that_an_edit_list_cuts_away_is_left_out(tmp_path: Path) -> None:
    whole = make_sound(tmp_path / "whole.mp4", with_video=True, seconds=2)
    data = whole.read_bytes()
    edits = [found.start() for found in re.finditer(b"elst", data)]
    with AudioTrack(whole) as audio:
        all_of_it = len(list(audio.until(None)))
    for edit in edits:
        # Of one edit: the version and the flags, a count, the duration, and where it begins.
        _, count, _, begin = struct.unpack_from(">IIIi", data, edit + 4)
        assert count == 1
        data = data[: edit + 12] + struct.pack(">Ii", 1000, begin) + data[edit + 20 :]
    short = tmp_path / "short.mp4"
    short.write_bytes(data)
    with AudioTrack(short) as audio:
        kept = starts_of(audio)
    assert all_of_it > 90
    assert kept[0] == 0
    assert all(start < NANOSECONDS for start in kept)
    assert 44 <= len(kept) <= 48


def test_the_sound_of_joined_recordings_follows_the_pictures(tmp_path: Path) -> None:
    part = make_sound(tmp_path / "part.ts", with_video=True, seconds=2).read_bytes()
    path = tmp_path / "joined.ts"
    path.write_bytes(part * 3)
    with (
        open_clip(path) as source,
        AudioTrack(path, source.parts, source.time_base) as audio,
    ):
        placed = []
        for frame in frames(source):
            placed += starts_of(audio, frame.timestamp)
        placed += starts_of(audio)
        assert len(source.parts) == 3
    between = [later - earlier for earlier, later in itertools.pairwise(placed)]
    assert min(between) > 0
    assert max(between) < NANOSECONDS // 20
    assert placed[-1] - placed[0] == pytest.approx(6 * NANOSECONDS, rel=0.02)


def test_a_file_without_sound_has_no_format(tmp_path: Path) -> None:
    with AudioTrack(make_clip(tmp_path / "silent.mp4")) as audio:
        assert audio.format is None
        assert list(audio.until(None)) == []


def test_the_sound_of_a_file_that_is_cut_off_ends_where_it_does(tmp_path: Path) -> None:
    short = cut(make_sound(tmp_path / "both.mkv", with_video=True, seconds=3), 0.5)
    with AudioTrack(short) as audio:
        assert 1 < len(list(audio.until(None))) < 140


@pytest.mark.parametrize("lie", [*LIES_ABOUT_SOUND, *LIES_OF_PACKETS])
def test_a_lie_about_the_sound_is_an_error(lying: Callable[..., AudioTrack], lie: str) -> None:
    with pytest.raises(InputError, match="cannot be read"):
        lying(lie)


def test_sound_that_stands_still_for_ever_is_an_error(
    lying: Callable[..., AudioTrack], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(audio_track, "_MOST_SKIPPED", 100)
    with lying("the same packets for ever") as audio:
        rest = audio.until(None)
        assert next(rest).time == 0
        with pytest.raises(InputError, match="its sound has no order"):
            list(rest)


def test_times_that_no_file_can_hold_are_an_error(lying: Callable[..., AudioTrack]) -> None:
    with lying(LONG_AGO) as audio:
        assert audio.first is not None
        audio.start = audio.first
        with pytest.raises(InputError, match="its sound has no order"):
            list(audio.until(None))


def test_a_stop_ends_the_wait_for_sound_that_does_not_come(
    lying: Callable[..., AudioTrack],
) -> None:
    stop = Stop()
    stop.request()
    with pytest.raises(StoppedError):
        lying(NO_PACKETS, stop)


def test_sound_with_channels_in_an_order_of_its_own_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "centre.mov"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("pcm_s16be", rate=8000)
        assert isinstance(stream, AudioStream)
        stream.layout = "3.0"
        block = av.AudioFrame.from_ndarray(np.zeros((1, 3000), np.int16), "s16", "3.0")
        block.sample_rate, block.pts = 8000, 0
        container.mux(stream.encode(block))
        container.mux(stream.encode(None))
    # Apple's numbers of left, right, centre, and of centre, left, right.
    data = path.read_bytes()
    assert data.count(b"\0\x71\0\x03") == 1
    path.write_bytes(data.replace(b"\0\x71\0\x03", b"\0\x72\0\x03"))
    with pytest.raises(InputError, match=r"centre.mov has sound with channels in an order of its"):
        AudioTrack(path)


def test_sound_that_is_not_copied_is_named(tmp_path: Path) -> None:
    path = tmp_path / "old.avi"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("adpcm_ms", rate=8000)
        assert isinstance(stream, AudioStream)
        stream.layout = "mono"
        block = av.AudioFrame.from_ndarray(np.zeros((1, 1012), np.int16), "s16", "mono")
        block.sample_rate, block.pts = 8000, 0
        container.mux(stream.encode(block))
        container.mux(stream.encode(None))
    with pytest.raises(InputError, match=r"old.avi has sound in adpcm_ms, which is not copied"):
        AudioTrack(path)
