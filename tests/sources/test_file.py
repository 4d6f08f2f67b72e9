"""The time of files: their own timestamps, pacing and looping."""

import itertools
from fractions import Fraction
from pathlib import Path

import av
import pytest
from PIL import Image

from anoncam.clock import NANOSECONDS, Stop
from anoncam.errors import InputError
from anoncam.sources.file import FileSource
from anoncam.sources.process.media_process import FileProcess
from tests.support.clips import make_clip, picture
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


def steps(path: Path) -> tuple[list[int], list[str]]:
    """Milliseconds from frame to frame, and what is told of the file's time."""
    with open_clip(path) as source:
        stamps = [frame.timestamp for frame in frames(source)]
        pairs = itertools.pairwise(stamps)
        return [(later - earlier) // 1_000_000 for earlier, later in pairs], source.warnings


def test_joined_recordings_are_played_one_after_the_other_at_their_own_speed(
    tmp_path: Path,
) -> None:
    part = make_clip(tmp_path / "part.ts", times=range(50)).read_bytes()
    late = make_clip(tmp_path / "late.ts", times=range(90_000, 90_050)).read_bytes()
    path = tmp_path / "joined.ts"
    for parts, told in (((part, part), "goes back by 1.96 s"), ((part, late), "jumps ahead by")):
        path.write_bytes(b"".join(parts))
        between, warnings = steps(path)
        assert between == [40] * 99
        assert len(warnings) == 1
        assert told in warnings[0]
        assert "at 2.00 s" in warnings[0]


def test_a_pause_stays_a_pause(tmp_path: Path) -> None:
    times = [*range(10), *range(750, 760)]
    between, warnings = steps(make_clip(tmp_path / "pause.mkv", times=times))
    assert max(between) == 741 * 40
    assert warnings == []


def test_a_clock_that_wraps_goes_on(tmp_path: Path) -> None:
    start = 2**33 - 25 * 3600
    clip = make_clip(
        tmp_path / "wrap.ts",
        times=[start + number * 3600 for number in range(50)],
        time_base=Fraction(1, 90_000),
        muxer_options={"output_ts_offset": "0", "muxdelay": "0"},
    )
    between, _ = steps(clip)
    assert between == [40] * 49


def test_a_raw_stream_takes_the_rate_that_it_states_or_is_given(tmp_path: Path) -> None:
    for rate in (25, 30, 50):
        clip = make_clip(tmp_path / f"{rate}.h264", rate=rate, time_base=Fraction(1, rate))
        between, warnings = steps(clip)
        assert set(between) == {1000 // rate}
        assert "a raw stream" in warnings[0]
    with FileSource(
        clip, paced=False, loop=False, clock=FakeClock(), stop=Stop(), rate=Fraction(10)
    ) as source:
        assert source.format.frame_rate == 10
        assert "as given" in source.warnings[0]


def test_a_rate_is_refused_for_a_file_that_states_its_times(tmp_path: Path) -> None:
    clip = make_clip(tmp_path / "clip.mp4")
    with pytest.raises(InputError, match="states its own times"):
        FileSource(clip, paced=False, loop=False, clock=FakeClock(), stop=Stop(), rate=Fraction(10))


def test_a_recording_that_begins_in_the_middle_is_read_from_its_first_key_frame(
    tmp_path: Path,
) -> None:
    options = {"g": "20", "preset": "ultrafast", "qp": "0"}
    whole = make_clip(tmp_path / "whole.ts", times=range(50), options=options).read_bytes()
    late = tmp_path / "late.ts"
    late.write_bytes(whole[len(whole) // 5 // 188 * 188 :])
    with open_clip(late) as source:
        read = numbers(source)
        assert read == list(range(20, 50))
        assert "begins in the middle of a recording" in source.warnings[0]


def test_a_second_video_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "two.mkv"
    with av.open(str(path), "w") as container:
        for _ in range(2):
            stream = container.add_stream("ffv1", rate=25)
            stream.width, stream.height, stream.pix_fmt = 96, 64, "yuv420p"
        for stream in container.streams.video:
            container.mux(stream.encode(picture(96, 64, 0)))
    with open_clip(path) as source, pytest.raises(InputError, match="holds 2 videos"):
        source.refuse_second_video()


@pytest.mark.parametrize(("ending", "seconds"), [("mp4", 90), ("mkv", 0)])
def test_how_long_the_last_frame_is_shown_is_read_where_the_file_states_it(
    tmp_path: Path, ending: str, seconds: int
) -> None:
    clip = make_clip(tmp_path / f"screen.{ending}", times=[0, 1, 2], last=90 * 25)
    with open_clip(clip) as source:
        assert len(list(frames(source))) == 3
        assert source.last_duration == seconds * NANOSECONDS


def test_the_decoder_of_a_picture_has_ended_before_the_picture_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ended: list[FileProcess] = []
    end = FileProcess.close

    def close(process: FileProcess) -> None:
        ended.append(process)
        end(process)

    monkeypatch.setattr(FileProcess, "close", close)
    Image.new("RGBA", (64, 48), (200, 30, 30, 100)).save(tmp_path / "in.png")
    with open_clip(tmp_path / "in.png") as source:
        assert len(list(frames(source))) == 1
        assert len(ended) == 1
        assert source.warnings == []
        assert source.alpha is not None


def test_after_its_end_a_picture_gives_nothing_more(tmp_path: Path) -> None:
    Image.new("RGB", (64, 48)).save(tmp_path / "in.png")
    with open_clip(tmp_path / "in.png") as source:
        assert len(list(frames(source))) == 1
        assert [source.read() for _ in range(3)] == [None] * 3


def test_a_process_that_has_ended_tells_no_warnings_and_hides_no_error(tmp_path: Path) -> None:
    with open_clip(make_clip(tmp_path / "clip.mp4")) as source:
        source._media.close()
        with pytest.raises(InputError, match="has ended"):
            source.read()
        assert source.warnings == []
