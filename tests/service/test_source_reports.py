"""How often a source that comes and goes is reported."""

from collections.abc import Iterator

import pytest

from anoncam.service.source_reports import AT_ONCE, SourceReports
from tests.support.frames import FakeClock

MINUTE = 60


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def reports(clock: FakeClock, caplog: pytest.LogCaptureFixture) -> Iterator[SourceReports]:
    with caplog.at_level("INFO"):
        yield SourceReports(clock)


def flap(reports: SourceReports, clock: FakeClock, seconds: int) -> None:
    """Be lost every two seconds, and be found in between; the daemon looks once a second."""
    for second in range(seconds):
        if second % 2:
            reports.found("found", "yard", "96x64")
        else:
            reports.lost("lost", was_open=True)
        clock.advance(1)
        reports.settle()


def told(caplog: pytest.LogCaptureFixture) -> list[tuple[str, int]]:
    return [
        (getattr(record, "anoncam_event", ""), getattr(record, "anoncam_fields", {})["losses"])
        for record in caplog.records
    ]


def test_a_source_that_is_lost_now_and_then_is_reported_each_time(
    reports: SourceReports, clock: FakeClock, caplog: pytest.LogCaptureFixture
) -> None:
    for _ in range(10):
        reports.lost("lost", was_open=True)
        reports.found("found", "yard", "96x64")
        clock.advance(2 * MINUTE)
    assert told(caplog) == [("source-lost", 1), ("source-chosen", 0)] * 10


def test_a_source_that_flaps_has_one_line_a_minute_that_counts_every_loss(
    reports: SourceReports, clock: FakeClock, caplog: pytest.LogCaptureFixture
) -> None:
    flap(reports, clock, 60 * MINUTE)
    reports.end()
    lines = told(caplog)
    assert len(lines) <= AT_ONCE + 60 + 1
    assert sum(losses for _, losses in lines) == 60 * MINUTE // 2
    assert "lost 30 times since the line before this one" in caplog.records[-2].getMessage()


@pytest.mark.parametrize("is_found", [False, True])
def test_the_last_line_is_true_in_the_end(
    reports: SourceReports, clock: FakeClock, caplog: pytest.LogCaptureFixture, is_found: bool
) -> None:
    flap(reports, clock, MINUTE)
    if is_found:
        reports.found("found", "yard", "96x64")
    else:
        reports.lost("lost", was_open=True)
    clock.advance(MINUTE)
    reports.settle()
    assert told(caplog)[-1][0] == ("source-chosen" if is_found else "source-lost")


def test_after_a_reload_reports_come_at_once_again(
    reports: SourceReports, clock: FakeClock, caplog: pytest.LogCaptureFixture
) -> None:
    flap(reports, clock, MINUTE)
    before = len(told(caplog))
    reports.reset()
    reports.lost("no camera", was_open=False)
    assert told(caplog)[-1] == ("camera-waiting", 1)
    assert len(told(caplog)) <= before + 2
