import errno
import os
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import av
import numpy as np
import pytest

from anoncam.clock import NANOSECONDS
from anoncam.errors import StorageError
from anoncam.recording.video_writer import VideoWriter
from anoncam.sources.audio_track import AudioTrack
from tests.support.frames import moving, small_format
from tests.support.sounds import AUDIO_FORMAT

pytestmark = pytest.mark.integration

FORMAT = small_format()
RATES = [
    Fraction(1, 90_000),
    Fraction(1001, 30_000),
    Fraction(1, 15_360),
    Fraction(1, 1000),
    Fraction(1, 600),
]


def stamp(ticks: int, time_base: Fraction) -> int:
    return round(ticks * time_base * NANOSECONDS)


def write(
    path: Path, ticks: list[int], time_base: Fraction, *, start: int = 0, rotation: int = 0
) -> None:
    frame_format = small_format(rotation=rotation)
    with VideoWriter(path, frame_format, time_base, start=start) as footage:
        for tick in ticks:
            footage.write(moving(frame_format, start + stamp(tick, time_base)))
        footage.commit()


def times(path: Path) -> list[Fraction]:
    with av.open(str(path)) as container:
        time_base = container.streams.video[0].time_base
        assert time_base is not None
        return [(frame.pts or 0) * time_base for frame in container.decode(video=0)]


@pytest.mark.parametrize("time_base", RATES)
@pytest.mark.parametrize("suffix", [".mp4", ".mov"])
def test_every_timestamp_is_kept_to_the_tick_whatever_the_rate(
    tmp_path: Path, time_base: Fraction, suffix: str
) -> None:
    ticks = [0, 1, 2, 7, 8, 100, 101, 5000, 5017, 90_001]
    path = tmp_path / f"out{suffix}"
    write(path, ticks, time_base, start=123_456_789_000)
    assert times(path) == [tick * time_base for tick in ticks]


def test_matroska_keeps_timestamps_to_the_millisecond(tmp_path: Path) -> None:
    path = tmp_path / "out.mkv"
    write(path, [0, 40, 97, 1000], Fraction(1, 1000))
    assert times(path) == [Fraction(tick, 1000) for tick in (0, 40, 97, 1000)]


def test_the_last_frame_lasts_as_long_as_the_others_whatever_the_declared_rate(
    tmp_path: Path,
) -> None:
    for step in (1, 7, 400):
        path = tmp_path / f"{step}.mp4"
        write(path, [number * step for number in range(20)], Fraction(1, 1000))
        with av.open(str(path)) as container:
            assert container.duration == pytest.approx(20_000 * step, abs=1000)


@pytest.mark.parametrize(("stated", "length"), [(0, 2.0), (1, 2.9), (3600, 3601.9)])
def test_the_last_frame_lasts_longer_if_the_input_says_so(
    tmp_path: Path, stated: int, length: float
) -> None:
    frame_format = small_format()
    path = tmp_path / "screen.mp4"
    time_base = Fraction(1, 1000)
    with VideoWriter(
        path, frame_format, time_base, last_duration=lambda: stated * NANOSECONDS
    ) as footage:
        for number in range(20):
            footage.write(moving(frame_format, stamp(number * 100, time_base)))
        footage.commit()
    with av.open(str(path)) as container:
        assert container.duration == pytest.approx(length * 1e6, abs=1000)


def test_a_late_start_of_the_video_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "out.mp4"
    write(path, [45_000, 48_000], Fraction(1, 90_000))
    assert times(path) == [Fraction(1, 2), Fraction(48, 90)]


@pytest.mark.parametrize("suffix", [".mp4", ".mov", ".mkv"])
@pytest.mark.parametrize("rotation", [90, 180, 270])
def test_the_rotation_is_kept_as_a_display_matrix(
    tmp_path: Path, rotation: int, suffix: str
) -> None:
    path = tmp_path / f"out{suffix}"
    write(path, [0, 9000], Fraction(1, 90_000), rotation=rotation)
    with av.open(str(path)) as container:
        assert -next(container.decode(video=0)).rotation % 360 == rotation


def test_the_index_is_at_the_beginning_of_the_file(tmp_path: Path) -> None:
    path = tmp_path / "out.mp4"
    write(path, [0, 9000], Fraction(1, 90_000))
    data = path.read_bytes()
    assert -1 < data.index(b"moov") < data.index(b"mdat")
    assert b"moof" not in data


def test_the_final_name_appears_only_with_the_whole_video(tmp_path: Path) -> None:
    path = tmp_path / "out.mp4"
    with VideoWriter(path, FORMAT, Fraction(1, 10)) as footage:
        footage.write(moving(FORMAT, 0))
        footage.finish()
        assert not path.exists()
        (hidden,) = tmp_path.iterdir()
        assert hidden.name.startswith(".")
        footage.commit()
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("frames", [0, 1, 30])
def test_what_is_not_committed_leaves_nothing_behind(tmp_path: Path, frames: int) -> None:
    with (
        pytest.raises(KeyboardInterrupt),
        VideoWriter(tmp_path / "out.mp4", FORMAT, Fraction(1, 10)) as footage,
    ):
        for index in range(frames):
            footage.write(moving(FORMAT, index * 10**8))
        raise KeyboardInterrupt
    assert list(tmp_path.iterdir()) == []


def test_a_video_without_a_frame_is_an_error(tmp_path: Path) -> None:
    with (
        pytest.raises(StorageError, match="no frame"),
        VideoWriter(tmp_path / "out.mp4", FORMAT, Fraction(1, 10)) as footage,
    ):
        footage.commit()
    assert list(tmp_path.iterdir()) == []


def test_an_existing_file_is_overwritten_only_by_force(tmp_path: Path) -> None:
    path = tmp_path / "out.mp4"
    path.write_text("precious")
    with pytest.raises(StorageError, match="--force"):
        VideoWriter(path, FORMAT, Fraction(1, 10))
    with VideoWriter(path, FORMAT, Fraction(1, 10), force=True) as footage:
        footage.write(moving(FORMAT, 0))
        assert path.read_text() == "precious"
        footage.commit()
    assert times(path) == [0]


def test_a_name_taken_meanwhile_is_not_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "out.mp4"
    with VideoWriter(path, FORMAT, Fraction(1, 10)) as footage:
        footage.write(moving(FORMAT, 0))
        path.write_text("precious")
        with pytest.raises(StorageError):
            footage.commit()
    assert [file.read_text() for file in tmp_path.iterdir()] == ["precious"]


@pytest.mark.parametrize("name", ["out.avi", "out", "out.mp4.txt", "missing/out.mp4"])
def test_a_name_that_cannot_be_written_is_a_clear_error(tmp_path: Path, name: str) -> None:
    with pytest.raises(StorageError):
        VideoWriter(tmp_path / name, FORMAT, Fraction(1, 10))
    assert list(tmp_path.iterdir()) == []


def test_a_disk_that_fails_at_the_end_is_an_error_and_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with VideoWriter(tmp_path / "out.mp4", FORMAT, Fraction(1, 10)) as footage:
        footage.write(moving(FORMAT, 0))
        monkeypatch.setattr(os, "fsync", full)
        with pytest.raises(StorageError, match="No space left"):
            footage.commit()
    assert list(tmp_path.iterdir()) == []


def test_audio_is_copied_bit_for_bit_and_no_metadata_comes_along(tmp_path: Path) -> None:
    source = tmp_path / "source.mp4"
    with av.open(str(source), "w") as made:
        made.metadata["title"] = "home"
        made.metadata["location"] = "+48.1+011.5/"
        sound = made.add_stream("aac", rate=48_000)
        samples = np.sin(np.arange(48_000) / 20).astype(np.float32)[None]
        for index in range(0, 47_104, 1024):
            part = av.AudioFrame.from_ndarray(samples[:, index : index + 1024], "fltp", "mono")
            part.sample_rate, part.pts = 48_000, index
            made.mux(sound.encode(part))
        made.mux(sound.encode(None))
    path = tmp_path / "out.mp4"
    with AudioTrack(source) as audio, VideoWriter(path, FORMAT, Fraction(1, 10)) as footage:
        assert audio.format is not None
        footage.add_audio(audio.format)
        packets = list(audio.until(None))
        originals = [(packet.time, packet.data) for packet in packets]
        for index in range(10):
            footage.write(moving(FORMAT, index * 10**8))
        for packet in packets:
            footage.mux_audio(packet)
        footage.commit()
    with av.open(str(path)) as result:
        assert result.metadata.keys() <= {"major_brand", "minor_version", "compatible_brands"}
        assert [stream.type for stream in result.streams] == ["video", "audio"]
        copied = [(packet.pts, bytes(packet)) for packet in result.demux(audio=0) if packet.size]
    assert copied == originals
    assert len(times(path)) == 10


@pytest.mark.parametrize(
    ("ending", "sound"),
    [
        ("mov", {"codec": "flac", "samples": "s16", "header": bytes(34)}),
        ("mov", {"codec": "opus", "header": b"OpusHead" + bytes(11)}),
        ("mp4", {"codec": "pcm_u8", "samples": "u8", "header": None}),
        ("mkv", {"codec": "pcm_alaw", "samples": "s16", "header": None}),
    ],
)
def test_sound_that_such_a_file_cannot_hold_is_refused_before_the_first_frame(
    ending: str, sound: dict[str, object], tmp_path: Path
) -> None:
    path = tmp_path / f"out.{ending}"
    with (
        VideoWriter(path, FORMAT, Fraction(1, 10)) as footage,
        pytest.raises(StorageError, match="cannot hold this audio"),
    ):
        footage.add_audio(AUDIO_FORMAT.model_copy(update=sound))
    assert list(tmp_path.iterdir()) == []


def test_all_frames_are_written_in_order(tmp_path: Path) -> None:
    path = tmp_path / "out.mp4"
    write(path, [index * 9000 for index in range(300)], Fraction(1, 90_000))
    assert len(times(path)) == 300
    assert all(before < after for before, after in pairwise(times(path)))
