import itertools
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from anoncam.clock import NANOSECONDS
from anoncam.sources.timestamps import Timestamps, nanoseconds

MILLISECONDS = Fraction(1, 1000)
INTERVAL = 40
PAUSE = 10_000


def repair(stamps: list[int | None], timestamps: Timestamps | None = None) -> list[int]:
    """What becomes of `stamps`, in milliseconds."""
    timestamps = timestamps or Timestamps(INTERVAL, MILLISECONDS, PAUSE)
    pairs = itertools.zip_longest(stamps, stamps[1:])
    return [timestamps.next(stamp, following) for stamp, following in pairs]


def steps(times: list[int]) -> set[int]:
    return {later - earlier for earlier, later in itertools.pairwise(times)}


def paced(start: int, count: int) -> list[int | None]:
    return [start + number * INTERVAL for number in range(count)]


@given(st.lists(st.one_of(st.none(), st.integers(-(10**9), 10**9)), min_size=2))
def test_repaired_timestamps_always_grow(stamps: list[int | None]) -> None:
    assert min(steps(repair(stamps))) >= 1


@given(st.lists(st.integers(1, PAUSE), min_size=1), st.integers(-(10**6), 10**6))
def test_good_timestamps_are_left_as_they_are_however_uneven(
    between: list[int], start: int
) -> None:
    stamps = list(itertools.accumulate(between, initial=start))
    timestamps = Timestamps(INTERVAL, MILLISECONDS, PAUSE)
    assert repair([*stamps], timestamps) == stamps
    assert (len(timestamps.parts), timestamps.repaired) == (1, 0)


@given(st.integers(-(2**33), 2**33).filter(lambda jump: jump > 2 * PAUSE or jump < 0))
def test_after_a_jump_of_any_length_the_frames_keep_their_own_pace(jump: int) -> None:
    timestamps = Timestamps(INTERVAL, MILLISECONDS, PAUSE)
    times = repair([*paced(0, 50), *paced(50 * INTERVAL + jump, 50)], timestamps)
    if jump > -2 * INTERVAL:
        # As if one frame had come early: the next ones are right again.
        assert len(times) == 100
        assert max(steps(times)) <= INTERVAL
        return
    assert steps(times) == {INTERVAL}
    assert [part.begin for part in timestamps.parts] == [0, 50 * INTERVAL]
    assert timestamps.parts[1].offset == -jump


def test_a_missing_timestamp_follows_at_the_usual_interval() -> None:
    assert repair([0, None, 2 * INTERVAL]) == [0, INTERVAL, 2 * INTERVAL]


def test_a_doubled_timestamp_moves_between_its_neighbours() -> None:
    assert repair([0, 40, 40, 80]) == [0, 40, 60, 80]


def test_timestamps_that_are_all_doubled_keep_the_speed_of_the_file() -> None:
    stamps: list[int | None] = [number // 2 * 40 for number in range(100)]
    assert abs(repair(stamps)[-1] - 49 * 40) <= 40


def test_timestamps_that_stand_still_get_the_usual_interval() -> None:
    assert steps(repair([7] * 50)) == {INTERVAL}
    assert steps(repair([*paced(0, 20), *[19 * INTERVAL] * 20])) == {INTERVAL}
    moving = repair([*[0] * 50, *paced(INTERVAL, 50)])
    assert steps(moving) == {INTERVAL}


def test_a_single_wrong_timestamp_does_not_shift_those_after_it() -> None:
    assert repair([0, 40, 0, 120]) == [0, 40, 80, 120]
    assert repair([0, 40, 10**9, 120]) == [0, 40, 80, 120]


def test_a_file_of_few_frames_an_hour_is_left_as_it_is() -> None:
    stamps: list[int | None] = [number * 3 * PAUSE for number in range(10)]
    assert repair(stamps) == stamps


def test_a_long_pause_stays_where_the_file_goes_on_meanwhile() -> None:
    timestamps = Timestamps(INTERVAL, MILLISECONDS, PAUSE, lambda _, __: True)
    stamps = [*paced(0, 5), *paced(50_000, 5)]
    assert repair(stamps, timestamps) == stamps


def test_a_new_pass_follows_the_last_frame_at_the_usual_interval() -> None:
    timestamps = Timestamps(INTERVAL, MILLISECONDS, PAUSE)
    assert repair([5, 45], timestamps) == [5, 45]
    timestamps.restart()
    assert repair([5, 85], timestamps) == [85, 165]


@given(st.integers(-(10**9), 10**9), st.integers(1, 1001), st.integers(1, 1_000_000))
def test_nanoseconds_are_exact_to_half_a_nanosecond(
    ticks: int, numerator: int, denominator: int
) -> None:
    time_base = Fraction(numerator, denominator)
    assert abs(nanoseconds(ticks, time_base) - ticks * time_base * NANOSECONDS) <= Fraction(1, 2)
