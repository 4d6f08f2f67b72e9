"""The time of files: their own timestamps, pacing and looping."""

import itertools
from fractions import Fraction
from pathlib import Path

import pytest

from anoncam.clock import NANOSECONDS, Stop
from anoncam.sources.file import FileSource
from tests.support.clips import make_clip
from tests.support.frames import FakeClock
from tests.support.reading import frames, numbers, open_clip

pytestmark = pytest.mark.integration


def test_uneven_timestamps_are_kept_to_the_tick(tmp_path: Path) -> None:
    times = [0, 1, 5, 6, 30, 31, 90]
    clip = make_clip(tmp_path / "uneven.mkv", times=times, time_base=Fraction(1, 100))
    with open_clip(clip) as source:
        stamps = [frame.timestamp for frame in frames(source)]
        assert stamps == [time * NANOSECONDS // 100 for time in times]
        assert all(stamp / source.time_base % NANOSECONDS == 0 for stamp in stamps)


def test_the_start_of_a_file_is_the_timestamp_of_its_first_frame(tmp_path: Path) -> None:
    clip = make_clip(tmp_path / "late.mkv", times=range(50, 60))
    with open_clip(clip) as source:
        assert source.start == 2 * NANOSECONDS
        assert next(frames(source)).timestamp == 2 * NANOSECONDS


def test_a_raw_stream_without_timestamps_gets_some(tmp_path: Path) -> None:
    clip = make_clip(tmp_path / "clip.h264")
    with open_clip(clip) as source:
        stamps = [frame.timestamp for frame in frames(source)]
    assert [later - earlier for earlier, later in itertools.pairwise(stamps)] == [
        NANOSECONDS // 25
    ] * 9


def test_duration_and_number_of_frames_are_estimated_beforehand(tmp_path: Path) -> None:
    for ending in ("mp4", "mkv"):
        with open_clip(make_clip(tmp_path / f"clip.{ending}", times=range(50))) as source:
            assert source.frames == 50
            assert source.duration == pytest.approx(2, abs=0.05)
            assert not source.is_picture
    still = make_clip(
        tmp_path / "still.png", "png", pix_fmt="rgb24", times=[0], muxer_options={"update": "1"}
    )
    with open_clip(still) as source:
        assert (source.frames, source.duration, source.is_picture) == (1, None, True)
        assert len(numbers(source)) == 1


def test_a_looped_file_begins_again_and_its_time_goes_on(tmp_path: Path) -> None:
    clip = make_clip(tmp_path / "clip.mp4", times=range(3))
    with open_clip(clip, loop=True) as source:
        taken = list(
            itertools.islice(((f.timestamp, int(f.luma[0, 0])) for f in frames(source)), 8)
        )
    assert [number for _, number in taken] == [0, 1, 2, 0, 1, 2, 0, 1]
    assert [stamp for stamp, _ in taken] == [index * NANOSECONDS // 25 for index in range(8)]


class SteppingStop(Stop):
    """A stop whose waits move the clock instead of taking time."""

    def __init__(self, clock: FakeClock) -> None:
        super().__init__()
        self._clock = clock

    def wait(self, seconds: float) -> bool:
        self._clock.advance(seconds)
        return self.requested


def test_a_paced_file_gives_each_frame_at_its_time(tmp_path: Path) -> None:
    clock = FakeClock()
    clock.advance(1000)
    times = [0, 1, 25, 26, 75]
    clip = make_clip(tmp_path / "clip.mkv", times=times)
    with FileSource(clip, paced=True, loop=False, clock=clock, stop=SteppingStop(clock)) as source:
        for time in times:
            capture = source.read()
            assert capture is not None
            capture.close()
            assert clock.monotonic() - 1000 * NANOSECONDS == pytest.approx(
                time * NANOSECONDS // 25, abs=1000
            )
        assert source.read() is None
