import itertools
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from anoncam.clock import NANOSECONDS
from anoncam.sources.timestamps import Timestamps, nanoseconds

INTERVAL = 40_000_000
TICK = 1_000_000


def repaired(stamps: list[int | None]) -> list[int]:
    timestamps = Timestamps(INTERVAL, TICK)
    return [timestamps.next(stamp) for stamp in stamps]


@given(st.lists(st.one_of(st.none(), st.integers(-(10**12), 10**12)), min_size=2))
def test_repaired_timestamps_always_grow(stamps: list[int | None]) -> None:
    assert all(later > earlier for earlier, later in itertools.pairwise(repaired(stamps)))


@given(st.lists(st.integers(TICK, 10**12), min_size=1), st.integers(-(10**9), 10**9))
def test_good_timestamps_are_left_as_they_are_however_uneven(steps: list[int], start: int) -> None:
    stamps = list(itertools.accumulate(steps, initial=start))
    assert repaired([*stamps]) == stamps


def test_a_missing_timestamp_follows_at_the_nominal_interval() -> None:
    assert repaired([0, None, 2 * INTERVAL]) == [0, INTERVAL, 2 * INTERVAL]


def test_a_doubled_timestamp_moves_by_one_tick_and_the_next_is_right_again() -> None:
    assert repaired([0, INTERVAL, INTERVAL, 2 * INTERVAL]) == [
        0,
        INTERVAL,
        INTERVAL + TICK,
        2 * INTERVAL,
    ]


def test_a_single_wrong_timestamp_does_not_shift_those_after_it() -> None:
    assert repaired([0, INTERVAL, 0, 3 * INTERVAL]) == [0, INTERVAL, INTERVAL + TICK, 3 * INTERVAL]


def test_after_a_jump_back_the_intervals_are_kept() -> None:
    stamps = [3600 * NANOSECONDS, 3600 * NANOSECONDS + INTERVAL, 0, 5 * INTERVAL]
    last = stamps[1]
    assert repaired([*stamps])[2:] == [last + INTERVAL, last + 6 * INTERVAL]


def test_a_new_pass_follows_the_last_frame_at_the_nominal_interval() -> None:
    timestamps = Timestamps(INTERVAL, TICK)
    assert [timestamps.next(stamp) for stamp in (5, 100)] == [5, TICK + 5]
    timestamps.restart()
    assert timestamps.next(5) == TICK + 5 + INTERVAL
    assert timestamps.next(5 + 2 * INTERVAL) == TICK + 5 + 3 * INTERVAL


@given(st.integers(-(10**9), 10**9), st.integers(1, 1001), st.integers(1, 1_000_000))
def test_nanoseconds_are_exact_to_half_a_nanosecond(
    ticks: int, numerator: int, denominator: int
) -> None:
    time_base = Fraction(numerator, denominator)
    assert abs(nanoseconds(ticks, time_base) - ticks * time_base * NANOSECONDS) <= Fraction(1, 2)
