from anoncam.service.watchdog import Watchdog
from tests.support.frames import FakeClock


def test_a_stage_that_shows_the_same_mark_for_too_long_is_frozen_and_then_hopeless() -> None:
    clock = FakeClock()
    watchdog = Watchdog(clock)
    states = []
    for second in range(31):
        watchdog.observe("capture", second, limit=12)
        watchdog.observe("recording", 7, limit=12)
        states.append((watchdog.frozen, watchdog.hopeless))
        clock.advance(1)
    assert states[12] == ([], False)
    assert states[13] == (["recording"], False)
    assert states[24] == (["recording"], False)
    assert states[25] == (["recording"], True)


def test_a_stage_that_goes_on_is_frozen_no_more() -> None:
    clock = FakeClock()
    watchdog = Watchdog(clock)
    watchdog.observe("capture", 1, limit=12)
    clock.advance(100)
    watchdog.observe("capture", 1, limit=12)
    assert watchdog.hopeless
    watchdog.observe("capture", 2, limit=12)
    assert (watchdog.frozen, watchdog.hopeless) == ([], False)
