import pytest
from hypothesis import given
from hypothesis import strategies as st

from anoncam.clock import NANOSECONDS
from anoncam.frames.frame_rate import SPAN, FrameRate


def seen(*seconds: float) -> FrameRate:
    rate = FrameRate()
    for second in seconds:
        rate.add(round(second * NANOSECONDS))
    return rate


def test_nothing_is_known_before_the_second_frame() -> None:
    assert seen().seen is None
    assert seen(5).seen is None
    assert seen(5).longest_interval == 0


@pytest.mark.parametrize("rate", [0.1, 0.15, 1, 2, 25, 60])
def test_a_steady_camera_has_its_rate_whatever_it_declares(rate: float) -> None:
    assert seen(*(number / rate for number in range(200))).seen == pytest.approx(rate)


def test_a_burst_at_the_start_is_no_high_rate() -> None:
    assert seen(*(number / 10_000 for number in range(26))).seen == 25


def test_a_camera_that_slows_down_at_night_is_slow_after_the_span() -> None:
    day, night = [number / 25 for number in range(250)], [10 + number / 2 for number in range(22)]
    assert seen(*day, *night).seen == pytest.approx(2, rel=0.05)
    assert seen(*day, *night).longest_interval == 0.5


def test_a_burst_after_a_stall_counts_as_what_should_have_come_meanwhile() -> None:
    before = [number / 25 for number in range(250)]
    burst = [12 + number / 10_000 for number in range(50)]
    assert seen(*before, *burst).seen == pytest.approx(25, rel=0.05)


def test_the_usual_interval_knows_nothing_of_a_single_pause_or_burst() -> None:
    steady = [number / 25 for number in range(50)]
    assert seen(*steady).usual_interval == pytest.approx(0.04)
    assert seen(*steady, 60).usual_interval == pytest.approx(0.04)
    assert seen(*steady, 2.001, 2.002, 2.003).usual_interval == pytest.approx(0.04)
    assert seen(0, 10, 20).usual_interval == 10
    assert seen(5).usual_interval is None


@given(st.lists(st.floats(0, 0.5), max_size=2000))
def test_memory_is_bounded_by_what_comes_in_a_span(pauses: list[float]) -> None:
    rate, now = FrameRate(), 0
    for pause in pauses:
        now += round(pause * NANOSECONDS)
        rate.add(now)
        arrivals = rate._arrivals
        assert len(arrivals) <= 10 or arrivals[-1] - arrivals[0] <= SPAN
