from datetime import UTC, datetime, timedelta

import pytest

from anoncam.clock import NANOSECONDS
from anoncam.events.event import Event
from anoncam.recording.recording_gaps import RecordingGaps
from tests.support.events import EventLog

NOON = datetime(2026, 1, 31, 12, tzinfo=UTC)


class HandClock:
    def __init__(self, seconds: float = 0.0) -> None:
        self.seconds = seconds
        self.shift = 0.0

    def monotonic(self) -> int:
        return round(self.seconds * NANOSECONDS)

    def utc(self) -> datetime:
        return NOON + timedelta(seconds=self.seconds + self.shift)


def play(clock: HandClock, gaps: RecordingGaps, *steps: tuple[float, int | None, str]) -> None:
    for seconds, recorded, doing in steps:
        clock.seconds = seconds
        gaps.watch(recorded, doing)


def test_a_recording_gap_is_reported_once_with_its_reason_when_it_is_over(
    event_log: EventLog,
) -> None:
    clock = HandClock()
    gaps = RecordingGaps(clock, None)
    play(clock, gaps, (1, 30, "recording"), (2, 60, "recording"), (3, 60, "waiting for a camera"))
    play(clock, gaps, (60, 60, "waiting for a camera"))
    assert event_log.of(Event.RECORDING_GAP) == []
    play(clock, gaps, (62, 61, "recording"), (63, 90, "recording"))
    assert event_log.of(Event.RECORDING_GAP) == [
        {
            "seconds": 60.0,
            "since": "2026-01-31T12:00:02Z",
            "until": "2026-01-31T12:01:02Z",
            "reason": "waiting for a camera",
        }
    ]


def test_a_short_pause_is_no_recording_gap(event_log: EventLog) -> None:
    clock = HandClock()
    play(clock, RecordingGaps(clock, None), (1, 30, "recording"), (5.5, 31, "recording"))
    assert event_log.of(Event.RECORDING_GAP) == []


def test_a_slow_camera_leaves_no_recording_gap_between_its_frames(event_log: EventLog) -> None:
    clock = HandClock()
    gaps = RecordingGaps(clock, None)
    for number in range(10):
        clock.seconds = number * 10
        gaps.watch(number, "recording", silence=15)
    assert event_log.of(Event.RECORDING_GAP) == []
    clock.seconds += 20
    gaps.watch(10, "recording", silence=15)
    assert len(event_log.of(Event.RECORDING_GAP)) == 1


def test_frames_that_the_disk_loses_are_a_recording_gap(event_log: EventLog) -> None:
    clock = HandClock()
    play(
        clock,
        RecordingGaps(clock, None),
        (1, 30, "recording"),
        (5, None, "the disk failed"),
        (20, 600, "recording"),
    )
    (fields,) = event_log.of(Event.RECORDING_GAP)
    assert (fields["seconds"], fields["reason"]) == (19.0, "the disk failed")


def test_the_time_between_two_runs_is_a_recording_gap(event_log: EventLog) -> None:
    clock = HandClock()
    play(
        clock,
        RecordingGaps(clock, NOON - timedelta(hours=1)),
        (1, 0, "opening the source"),
        (2, 1, "recording"),
    )
    (fields,) = event_log.of(Event.RECORDING_GAP)
    assert (fields["seconds"], fields["reason"]) == (3602.0, "anoncam was not running")


def test_a_wall_clock_that_is_set_causes_no_recording_gap(
    event_log: EventLog,
) -> None:
    clock = HandClock()
    gaps = RecordingGaps(clock, NOON + timedelta(days=1))
    play(clock, gaps, (1, 1, "recording"))
    clock.shift = 86400
    play(clock, gaps, (2, 2, "recording"))
    assert event_log.of(Event.RECORDING_GAP) == []
    assert gaps.until == NOON + timedelta(seconds=86402)


def test_a_recording_gap_has_its_true_length_if_the_clock_is_set(event_log: EventLog) -> None:
    clock = HandClock()
    clock.shift = -NOON.timestamp()
    gaps = RecordingGaps(clock, None)
    play(clock, gaps, (1, 1, "recording"), (2, 1, "waiting for a camera"))
    clock.shift = 0
    play(clock, gaps, (61, 2, "recording"))
    (fields,) = event_log.of(Event.RECORDING_GAP)
    assert fields["seconds"] == 60.0
    assert (fields["since"], fields["until"]) == ("2026-01-31T12:00:01Z", "2026-01-31T12:01:01Z")


def test_between_two_runs_in_one_boot_the_clock_that_was_set_does_not_count(
    event_log: EventLog, caplog: pytest.LogCaptureFixture
) -> None:
    clock = HandClock(500)
    in_1970 = datetime(1970, 1, 1, 0, 5, tzinfo=UTC)
    gaps = RecordingGaps(clock, in_1970, 300 * NANOSECONDS)
    play(clock, gaps, (540, 1, "recording"))
    (fields,) = event_log.of(Event.RECORDING_GAP)
    assert (fields["seconds"], fields["since"]) == (240.0, "2026-01-31T12:05:00Z")
    assert "nothing was recorded for up to 4 min, since 2026-01-31" in caplog.text


def test_after_a_boot_a_time_from_1970_gives_the_time_since_the_boot(
    event_log: EventLog, caplog: pytest.LogCaptureFixture
) -> None:
    clock = HandClock()
    gaps = RecordingGaps(clock, datetime(1970, 1, 1, 0, 5, tzinfo=UTC))
    play(clock, gaps, (35, 1, "recording"))
    (fields,) = event_log.of(Event.RECORDING_GAP)
    assert (fields["seconds"], fields["since"]) == (35.0, "2026-01-31T12:00:00Z")
    assert "nothing was recorded for at least 35 s" in caplog.text


@pytest.mark.parametrize(
    ("hours", "text"),
    [(0.02, "73 s"), (0.5, "30 min"), (3.34, "3 h 20 min"), (47, "47 h 0 min"), (52, "2 d 4 h")],
)
def test_a_duration_is_in_units_of_people(
    event_log: EventLog, caplog: pytest.LogCaptureFixture, hours: float, text: str
) -> None:
    clock = HandClock()
    gaps = RecordingGaps(clock, NOON - timedelta(hours=hours))
    play(clock, gaps, (1, 1, "recording"))
    assert f"nothing was recorded for up to {text}, since" in caplog.text


def test_the_monotonic_time_of_the_last_frame_is_kept_for_the_next_run(
    event_log: EventLog,
) -> None:
    clock = HandClock()
    gaps = RecordingGaps(clock, NOON, 7)
    assert gaps.until_monotonic == 7
    play(clock, gaps, (3, 1, "recording"), (4, 1, "recording"))
    assert gaps.until_monotonic == 3 * NANOSECONDS
