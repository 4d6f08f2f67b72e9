import io
import math
import os
from dataclasses import replace
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import av
import numpy as np
import pytest
from pydantic import ByteSize

from anoncam.clock import NANOSECONDS
from anoncam.config.schema import RecordingSettings, RetentionSettings
from anoncam.errors import StorageError
from anoncam.events.event import Event
from anoncam.frames.frame import FrameFormat, Layout, tight
from anoncam.recording.h264_stream import exact_planes, interval
from anoncam.recording.retention import Retention
from anoncam.recording.segment import Segment
from anoncam.recording.segment_recorder import SegmentRecorder
from anoncam.segments.mp4_boxes import walk
from tests.support.events import EventLog
from tests.support.frames import FakeClock, as_anonymized, blank, moving, small_format

pytestmark = pytest.mark.integration

SETTINGS = RecordingSettings(encoder="libx264", segment_length=3)


def seconds(value: float) -> int:
    return round(value * NANOSECONDS)


def record(
    folder: Path, clock: FakeClock, stamps: list[int], settings: RecordingSettings = SETTINGS
) -> None:
    recorder = SegmentRecorder(settings, small_format(), folder, clock, retention=roomy(folder))
    for stamp in stamps:
        recorder.write(moving(small_format(), stamp))
    recorder.finish()


def played(file: Path | io.BytesIO) -> list[tuple[float, bool]]:
    with av.open(file if isinstance(file, io.BytesIO) else str(file), "r") as container:
        return [(float(frame.time), frame.key_frame) for frame in container.decode(video=0)]


def kinds(data: bytes) -> list[str]:
    return [box.kind.decode() for box in walk(io.BytesIO(data), len(data))]


def fragments(frame_format: FrameFormat, stamps: list[int]) -> tuple[list[bytes], bytes]:
    segment = Segment(
        "libx264", frame_format, 4000, start=stamps[0], interval=interval(frame_format)
    )
    return [segment.write(moving(frame_format, stamp)) for stamp in stamps], segment.finish()


def test_each_second_is_one_fragment_that_starts_with_a_keyframe() -> None:
    stamps = [seconds(index / 10) for index in range(35)]
    data, rest = fragments(small_format(), stamps)
    assert [index for index, part in enumerate(data) if part] == [10, 20, 30]
    assert kinds(data[10]) == ["ftyp", "moov", "moof", "mdat", "free"]
    assert kinds(data[20]) == ["moof", "mdat", "free"]
    frames = played(io.BytesIO(b"".join(data) + rest))
    assert len(frames) == 35
    assert [time for time, key in frames if key] == [0, 1, 2, 3]


def test_a_trembling_clock_does_not_stretch_a_fragment() -> None:
    stamps = [seconds(index / 10 + 0.04 * math.sin(index * 7)) for index in range(40)]
    data, rest = fragments(small_format(), stamps)
    keys = [time for time, key in played(io.BytesIO(b"".join(data) + rest)) if key]
    assert max(after - before for before, after in pairwise(keys)) <= 1.09


def test_what_was_encoded_a_second_ago_has_left_the_encoder() -> None:
    stamps = [seconds(index / 10) for index in range(25)]
    segment = Segment("libx264", small_format(), 4000, start=0, interval=interval(small_format()))
    given = b""
    for index, stamp in enumerate(stamps):
        given += segment.write(moving(small_format(), stamp))
        old = index + 1 - 11
        if old > 0:
            assert len(played(io.BytesIO(given))) >= old
    segment.abandon()


def test_segments_start_on_a_keyframe_and_no_frame_is_lost_between_them(
    tmp_path: Path, event_log: EventLog
) -> None:
    clock = FakeClock()
    record(tmp_path, clock, [seconds(index / 10) for index in range(75)])
    files = sorted(tmp_path.glob("*.mp4"))
    assert [len(played(file)) for file in files] == [30, 30, 15]
    assert all(played(file)[0] == (0, True) for file in files)
    assert [file.name[:9] for file in files] == ["000000001", "000000002", "000000003"]
    finished = event_log.of(Event.SEGMENT_FINISHED)
    assert [(fields["frames"], fields["seconds"]) for fields in finished] == [
        (30, 3.0),
        (30, 3.0),
        (15, 1.5),
    ]
    assert [fields["bytes"] for fields in finished] == [file.stat().st_size for file in files]


def test_a_segment_holds_one_track_of_video_and_nothing_else(tmp_path: Path) -> None:
    record(tmp_path, FakeClock(), [seconds(index / 10) for index in range(5)])
    (file,) = tmp_path.glob("*.mp4")
    with av.open(str(file)) as container:
        assert [stream.type for stream in container.streams] == ["video"]
        assert (
            not {"title", "creation_time", "encoder", "comment", "location"}
            & container.metadata.keys()
        )


def test_gaps_in_the_timestamps_stay_gaps_in_the_footage(tmp_path: Path) -> None:
    stamps = [seconds(value) for value in (100, 100.1, 100.2, 101.7, 101.77, 102.4)]
    record(tmp_path, FakeClock(), stamps)
    (file,) = tmp_path.glob("*.mp4")
    times = [time for time, _ in played(file)]
    assert times == pytest.approx([0, 0.1, 0.2, 1.7, 1.77, 2.4], abs=1e-4)


@pytest.mark.parametrize("jump", [-50.0, 60.0])
def test_a_source_with_another_clock_gets_a_segment_of_its_own(tmp_path: Path, jump: float) -> None:
    stamps = [seconds(100 + index / 10) for index in range(5)]
    stamps += [seconds(100 + jump + index / 10) for index in range(5)]
    record(tmp_path, FakeClock(), stamps)
    files = sorted(tmp_path.glob("*.mp4"))
    assert [[round(time, 3) for time, _ in played(file)] for file in files] == [
        [0, 0.1, 0.2, 0.3, 0.4]
    ] * 2


def test_numbers_go_on_after_a_restart_and_after_all_segments_were_moved_away(
    tmp_path: Path,
) -> None:
    for _ in range(2):
        record(tmp_path, FakeClock(), [0])
    for file in tmp_path.glob("*.mp4"):
        file.unlink()
    record(tmp_path, FakeClock(), [0])
    assert [file.name for file in tmp_path.glob("*.mp4")] == ["000000003_20260714T091500Z.mp4"]


def test_numbers_go_on_where_the_small_file_is_lost_or_garbled(tmp_path: Path) -> None:
    for _ in range(3):
        record(tmp_path, FakeClock(), [0])
        (tmp_path / ".anoncam-number").write_bytes(b"\xff\x00")
    assert len(list(tmp_path.glob("*.mp4"))) == 3


def test_a_segment_that_is_not_finished_never_has_its_final_name(
    tmp_path: Path, event_log: EventLog
) -> None:
    recorder = SegmentRecorder(
        SETTINGS, small_format(), tmp_path, FakeClock(), retention=roomy(tmp_path)
    )
    for index in range(25):
        recorder.write(moving(small_format(), seconds(index / 10)))
        assert not list(tmp_path.glob("*.mp4"))
    recorder.finish()
    assert [file.name for file in tmp_path.glob("*_*.mp4*")] == ["000000001_20260714T091500Z.mp4"]
    assert event_log.of(Event.SEGMENT_FINISHED)[0]["name"] == "000000001_20260714T091500Z.mp4"


def test_finishing_twice_is_once_and_writing_after_it_is_refused(
    tmp_path: Path, event_log: EventLog
) -> None:
    recorder = SegmentRecorder(
        SETTINGS, small_format(), tmp_path, FakeClock(), retention=roomy(tmp_path)
    )
    recorder.write(moving(small_format(), 0))
    recorder.finish()
    recorder.finish()
    assert len(event_log.of(Event.SEGMENT_FINISHED)) == 1
    with pytest.raises(StorageError):
        recorder.write(moving(small_format(), 1))


def test_a_recorder_without_a_frame_leaves_no_file(tmp_path: Path) -> None:
    record(tmp_path, FakeClock(), [])
    assert list(tmp_path.glob("*_*.mp4*")) == []


def test_new_settings_take_effect_with_the_next_segment(tmp_path: Path) -> None:
    recorder = SegmentRecorder(
        SETTINGS, small_format(), tmp_path, FakeClock(), retention=roomy(tmp_path)
    )
    for index in range(65):
        if index == 10:
            recorder.configure(SETTINGS.model_copy(update={"segment_length": 2.0, "bitrate": 500}))
        recorder.write(moving(small_format(), seconds(index / 10)))
    recorder.finish()
    assert [len(played(file)) for file in sorted(tmp_path.glob("*.mp4"))] == [20, 20, 20, 5]


def test_new_retention_takes_effect_at_once_and_spares_the_newest(
    tmp_path: Path, event_log: EventLog
) -> None:
    settings = SETTINGS.model_copy(update={"segment_length": 1.0})
    recorder = SegmentRecorder(
        settings, small_format(), tmp_path, FakeClock(), retention=roomy(tmp_path)
    )
    for index in range(55):
        recorder.write(moving(small_format(), seconds(index / 10)))
    event_log.wait_for(Event.SEGMENT_FINISHED, 5)
    recorder.configure(
        settings.model_copy(update={"retention": RetentionSettings(max_size=ByteSize(1))})
    )
    deleted = event_log.wait_for(Event.RETENTION_DELETED, 4)
    recorder.finish()
    assert [str(fields["name"])[:9] for fields in deleted[:4]] == [
        f"{number:09}" for number in (1, 2, 3, 4)
    ]
    assert (tmp_path / "000000006_20260714T091500Z.mp4").exists()


def roomy(folder: Path) -> Retention:
    """Retention on a disk that is never full, whatever the machine's own is."""
    return Retention(folder, FakeClock(), free=lambda _: 10**15)


def test_a_source_that_stalls_leaves_nothing_in_memory(tmp_path: Path, event_log: EventLog) -> None:
    clock = FakeClock()
    recorder = SegmentRecorder(SETTINGS, small_format(), tmp_path, clock, retention=roomy(tmp_path))
    for index in range(5):
        recorder.write(moving(small_format(), seconds(index / 10)))
    clock.advance(1.5)
    assert event_log.wait_for(Event.SEGMENT_FINISHED)[0]["frames"] == 5
    recorder.write(moving(small_format(), seconds(2)))
    recorder.finish()
    assert [len(played(file)) for file in sorted(tmp_path.glob("*.mp4"))] == [5, 1]


@pytest.mark.parametrize("layout", [Layout.I420, Layout.NV12])
def test_size_colours_aspect_and_rotation_survive(layout: Layout) -> None:
    frame_format = FrameFormat(
        98,
        50,
        128,
        layout,
        rotation=90,
        sample_aspect_ratio=Fraction(4, 3),
        color_range=2,
        colorspace=1,
        color_primaries=1,
        color_trc=13,
    )
    data, rest = fragments(frame_format, [0, 10**8])
    with av.open(io.BytesIO(b"".join(data) + rest), "r") as container:
        stream = container.streams.video[0]
        frame = next(container.decode(video=0))
        assert (frame.width, frame.height, stream.sample_aspect_ratio) == (98, 50, Fraction(4, 3))
        tags = (frame.color_range, frame.colorspace, frame.color_primaries, frame.color_trc)
        assert tags == (2, 1, 1, 13)
        # libav's angle is counter-clockwise: 90 degrees clockwise make it upright.
        assert frame.rotation == -90
        assert stream.metadata.keys() <= {"language", "handler_name"}
        luma = frame.to_ndarray(format="gray")
    assert luma[2].mean() > luma[-3].mean() + 80


@pytest.mark.parametrize(("width", "height"), [(65, 47), (64, 47), (65, 48)])
def test_an_odd_size_is_kept_exactly(width: int, height: int) -> None:
    data, rest = fragments(tight(width, height), [0, 33_000_000])
    with av.open(io.BytesIO(b"".join(data) + rest), "r") as container:
        frame = next(container.decode(video=0))
        assert (frame.width, frame.height, frame.format.name) == (width, height, "yuv444p")
        planes = frame.to_ndarray()
    assert planes[1].mean() == pytest.approx(90, abs=4)
    assert planes[2].mean() == pytest.approx(160, abs=4)


@pytest.mark.parametrize("height", [44, 45, 46, 47, 48, 50])
@pytest.mark.parametrize("width", [64, 65, 66])
@pytest.mark.parametrize("layout", [Layout.I420, Layout.NV12])
def test_every_size_and_padding_is_recorded_pixel_for_pixel(
    width: int, height: int, layout: Layout
) -> None:
    frame = blank(FrameFormat(width, height, 80, layout))
    frame.luma[:] = np.linspace(40, 220, height, dtype=np.uint8)[:, None]
    frame.luma[:, : width // 2] -= 20
    for plane, value in zip(frame.chroma, (90, 160), strict=False):
        plane[:] = value if layout is Layout.I420 else (90, 160)
    planes = exact_planes(as_anonymized(frame))
    np.testing.assert_array_equal(planes[0], frame.luma)
    assert {tuple(set(plane.flat)) for plane in planes[1:]} == {(90,), (160,)}
    segment = Segment("libx264", frame.format, 4000, start=0, interval=interval(frame.format))
    data = segment.write(as_anonymized(frame)) + segment.finish()
    with av.open(io.BytesIO(data), "r") as container:
        video = next(container.decode(video=0))
    assert (video.width, video.height) == (width, height)
    decoded = video.reformat(format="yuv444p").to_ndarray()
    assert np.abs(decoded[0].astype(int) - frame.luma).mean() < 4
    assert [plane.mean() for plane in decoded[1:]] == pytest.approx([90, 160], abs=2)


def test_footage_is_not_for_everyone_on_the_machine(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        record(tmp_path, FakeClock(), [0])
    finally:
        os.umask(before)
    (file,) = tmp_path.glob("*.mp4")
    assert file.stat().st_mode & 0o777 == 0o640


def test_the_bitrate_is_kept_on_a_picture_that_is_all_noise(tmp_path: Path) -> None:
    frame_format = replace(tight(320, 240), frame_rate=Fraction(10))
    noise = np.random.default_rng(1)
    segment = Segment("libx264", frame_format, 500, start=0, interval=interval(frame_format))
    size = 0
    for index in range(40):
        frame = blank(frame_format)
        frame.luma[:] = noise.integers(0, 256, frame.luma.shape, np.uint8)
        frame.timestamp = seconds(index / 10)
        size += len(segment.write(as_anonymized(frame)))
    size += len(segment.finish())
    assert size * 8 / 4 < 1.5 * 500_000
