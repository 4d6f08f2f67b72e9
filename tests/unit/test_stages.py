from datetime import UTC, datetime

from anoncam.clock import NANOSECONDS
from anoncam.stages import Stages


class HandClock:
    def __init__(self) -> None:
        self.seconds = 0

    def monotonic(self) -> int:
        return self.seconds * NANOSECONDS

    def utc(self) -> datetime:
        return datetime(2026, 1, 1, tzinfo=UTC)


def test_a_stage_that_shows_the_same_mark_for_too_long_is_frozen_and_then_hopeless() -> None:
    clock = HandClock()
    stages = Stages(clock)
    told = []
    for clock.seconds in range(0, 31):
        stages.see("capture", clock.seconds, limit=12)
        stages.see("recording", 7, limit=12)
        told.append((stages.frozen, stages.hopeless))
    assert told[12] == ([], False)
    assert told[13] == (["recording"], False)
    assert told[24] == (["recording"], False)
    assert told[25] == (["recording"], True)


def test_a_stage_that_goes_on_is_well_again() -> None:
    clock = HandClock()
    stages = Stages(clock)
    stages.see("capture", 1, limit=12)
    clock.seconds = 100
    stages.see("capture", 1, limit=12)
    assert stages.hopeless
    stages.see("capture", 2, limit=12)
    assert (stages.frozen, stages.hopeless) == ([], False)
