"""When damaged pictures are reported."""

import pytest

from anoncam.sources.damage import CALM, Damage
from tests.support.frames import FakeClock


def test_a_run_of_damaged_pictures_has_one_event_at_its_begin_and_one_at_its_end(
    caplog: pytest.LogCaptureFixture,
) -> None:
    clock = FakeClock()
    damage = Damage("the yard", clock)
    with caplog.at_level("INFO"):
        for run in (3, 5):
            for _ in range(run):
                damage.count(1)
                damage.count(0)
                clock.advance(CALM / 2)
            clock.advance(CALM)
            damage.count(0)
        damage.end()
    told = [(r.__dict__["anoncam_event"], r.__dict__["anoncam_fields"]) for r in caplog.records]
    assert told == [
        ("stream-damaged", {}),
        ("stream-intact", {"pictures": 3}),
        ("stream-damaged", {}),
        ("stream-intact", {"pictures": 5}),
    ]
    assert damage.pictures == 8


def test_a_stream_that_is_whole_is_not_reported(caplog: pytest.LogCaptureFixture) -> None:
    damage = Damage("the yard", FakeClock())
    with caplog.at_level("INFO"):
        damage.count(0)
        damage.end()
    assert caplog.records == []
