from datetime import UTC, datetime, timedelta, timezone

import pytest

from anoncam import clock

EVENING = datetime(2026, 1, 31, 18, 0, 5, 250_000, tzinfo=UTC)


class Kernel:
    """adjtimex with a result of the test."""

    def __init__(self, result: int) -> None:
        self.result = result

    def adjtimex(self, _: object) -> int:
        return self.result


@pytest.mark.parametrize(("result", "trusted"), [(0, True), (1, True), (5, False), (-1, False)])
def test_the_clock_is_trusted_as_far_as_the_kernel_trusts_it(
    monkeypatch: pytest.MonkeyPatch, result: int, trusted: bool
) -> None:
    monkeypatch.setattr(clock, "_libc", Kernel(result))
    assert clock.is_synchronized() is trusted


def test_the_kernel_of_this_machine_can_be_asked() -> None:
    assert clock.is_synchronized() in {True, False}


@pytest.mark.usefixtures("central_european_time")
def test_a_time_for_machines_is_utc_and_ends_with_z() -> None:
    assert clock.utc_text(EVENING) == "2026-01-31T18:00:05Z"
    assert clock.utc_text(EVENING, "milliseconds") == "2026-01-31T18:00:05.250Z"
    assert clock.utc_text(EVENING.astimezone()) == "2026-01-31T18:00:05Z"


@pytest.mark.usefixtures("central_european_time")
def test_a_time_for_people_is_local_and_has_its_offset() -> None:
    assert clock.local_text(EVENING) == "2026-01-31 19:00:05+01:00"
    summer = EVENING + timedelta(days=150)
    assert clock.local_text(summer) == "2026-06-30 20:00:05+02:00"


@pytest.mark.usefixtures("central_european_time")
def test_a_written_time_is_shown_locally_and_other_texts_stay() -> None:
    assert clock.as_local("2026-01-31T18:00:05.250Z") == "2026-01-31 19:00:05+01:00"
    assert clock.as_local("2026-01-31T18:00:05+00:00") == "2026-01-31 19:00:05+01:00"
    assert clock.as_local("unknown") == "unknown"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-01-31T18:00:00.000+00:00", datetime(2026, 1, 31, 18, tzinfo=UTC)),
        ("2026-01-31T18:00:00Z", datetime(2026, 1, 31, 18, tzinfo=UTC)),
        ("2026-01-31 18:00", datetime(2026, 1, 31, 18, tzinfo=UTC)),
        ("2026-01-31T18:00+01:00", datetime(2026, 1, 31, 18, tzinfo=timezone(timedelta(hours=1)))),
        ("soon", None),
        (None, None),
    ],
)
def test_a_written_time_without_a_zone_is_utc(text: object, expected: datetime | None) -> None:
    assert clock.parse_time(text) == expected


@pytest.mark.usefixtures("central_european_time")
def test_what_is_written_is_read_back() -> None:
    whole = EVENING.replace(microsecond=0)
    assert clock.parse_time(clock.utc_text(whole)) == whole
    assert clock.parse_time(clock.local_text(whole)) == whole
