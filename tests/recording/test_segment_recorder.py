import io
import os
from pathlib import Path

import av
import pytest
from pydantic import ByteSize

from anoncam.clock import NANOSECONDS
from anoncam.config.schema import RecordingSettings, RetentionSettings
from anoncam.errors import StorageError
from anoncam.events.event import Event
from anoncam.recording.segment_recorder import SegmentRecorder
from tests.support.events import EventLog
from tests.support.frames import FakeClock, moving, small_format
from tests.support.recording import roomy

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


def test_pauses_between_timestamps_are_kept_in_the_segment(tmp_path: Path) -> None:
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


def test_a_second_finish_does_nothing_and_a_write_after_it_is_refused(
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


def test_new_retention_settings_take_effect_at_once(tmp_path: Path, event_log: EventLog) -> None:
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


def test_segments_cannot_be_read_by_everyone_on_the_machine(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        record(tmp_path, FakeClock(), [0])
    finally:
        os.umask(before)
    (file,) = tmp_path.glob("*.mp4")
    assert file.stat().st_mode & 0o777 == 0o640
