from datetime import UTC, datetime, timedelta

from anoncam.clock import NANOSECONDS
from anoncam.events.event import Event
from anoncam.recording.recording_gaps import RecordingGaps
from tests.support.events import EventLog

NOON = datetime(2026, 1, 31, 12, tzinfo=UTC)


class HandClock:
    def __init__(self) -> None:
        self.seconds = 0.0
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
            "since": "2026-01-31T12:00:02+00:00",
            "until": "2026-01-31T12:01:02+00:00",
            "reason": "waiting for a camera",
        }
    ]


def test_a_short_pause_is_no_recording_gap(event_log: EventLog) -> None:
    clock = HandClock()
    play(clock, RecordingGaps(clock, None), (1, 30, "recording"), (5.5, 31, "recording"))
    assert event_log.of(Event.RECORDING_GAP) == []


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
