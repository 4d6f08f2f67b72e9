from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from anoncam.clock import NANOSECONDS
from anoncam.rtsp.timeline import SLACK, Timeline

STEP = NANOSECONDS // 30


def test_times_are_those_of_the_encoder_and_begin_with_the_arrival() -> None:
    timeline = Timeline()
    placed = [timeline.place(i * STEP, 1000 + i * STEP, begins=i == 0) for i in range(5)]
    assert placed == [1000 + i * STEP for i in range(5)]


def test_a_late_packet_has_the_time_that_it_would_have_had() -> None:
    timeline = Timeline()
    timeline.place(0, 0, begins=True)
    assert timeline.place(STEP, STEP + SLACK // 2, begins=False) == STEP


def test_at_a_new_segment_the_time_goes_on_by_one_frame() -> None:
    timeline = Timeline()
    for i in range(3):
        last = timeline.place(i * STEP, i * STEP, begins=i == 0)
    assert timeline.place(0, 3 * STEP + 7, begins=True) == last + STEP


def test_after_a_pause_the_arrival_counts() -> None:
    timeline = Timeline()
    timeline.place(0, 0, begins=True)
    timeline.place(STEP, STEP, begins=False)
    assert timeline.place(0, 60 * NANOSECONDS, begins=True) == 60 * NANOSECONDS
    assert timeline.place(STEP, 60 * NANOSECONDS + STEP, begins=False) == 60 * NANOSECONDS + STEP


def test_a_clock_that_runs_too_fast_is_set_back_to_the_arrival() -> None:
    timeline = Timeline()
    for i in range(1000):
        placed = timeline.place(2 * i * STEP, i * STEP, begins=i == 0)
        assert abs(placed - i * STEP) <= SLACK + 2 * STEP


@given(
    st.lists(
        st.tuples(st.integers(0, 10**12), st.integers(0, 10**10), st.booleans()),
        min_size=1,
        max_size=30,
    )
)
def test_no_time_goes_back_whatever_comes(packets: list[tuple[int, int, bool]]) -> None:
    timeline, arrival = Timeline(), 0
    placed = []
    for time, pause, begins in packets:
        arrival += pause
        placed.append(timeline.place(time, arrival, begins=begins))
    assert all(later >= earlier for earlier, later in pairwise(placed))
