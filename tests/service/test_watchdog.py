from anoncam.service.watchdog import Watchdog
from tests.support.frames import FakeClock


def test_a_stage_that_shows_the_same_mark_for_too_long_is_frozen_and_then_hopeless() -> None:
    clock = FakeClock()
    stages = Watchdog(clock)
    told = []
    for second in range(31):
        stages.observe("capture", second, limit=12)
        stages.observe("recording", 7, limit=12)
        told.append((stages.frozen, stages.hopeless))
        clock.advance(1)
    assert told[12] == ([], False)
    assert told[13] == (["recording"], False)
    assert told[24] == (["recording"], False)
    assert told[25] == (["recording"], True)


def test_a_stage_that_goes_on_is_well_again() -> None:
    clock = FakeClock()
    stages = Watchdog(clock)
    stages.observe("capture", 1, limit=12)
    clock.advance(100)
    stages.observe("capture", 1, limit=12)
    assert stages.hopeless
    stages.observe("capture", 2, limit=12)
    assert (stages.frozen, stages.hopeless) == ([], False)
