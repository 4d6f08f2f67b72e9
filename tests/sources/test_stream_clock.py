"""The stamps of cameras, and what the footage makes of them."""

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anoncam.clock import NANOSECONDS
from anoncam.events.event import Event
from anoncam.sources.stream_clock import LEAP, TOLERANCE, StreamClock
from tests.support.events import EventLog

INTERVAL = 40_000_000
BOOT = 50 * NANOSECONDS
FRAMES = 1000


@dataclass(frozen=True)
class Footage:
    """The times of the footage, and when its frames came; nanoseconds."""

    times: list[int]
    arrivals: list[int]

    @property
    def speed(self) -> float:
        """Of the footage, in parts of the world's."""
        return (self.times[-1] - self.times[0]) / (self.arrivals[-1] - self.arrivals[0])

    @property
    def lags(self) -> list[int]:
        """How far each frame is off its arrival."""
        return [time - arrival for time, arrival in zip(self.times, self.arrivals, strict=True)]

    @property
    def steps(self) -> list[int]:
        """From frame to frame."""
        return [later - earlier for earlier, later in pairwise(self.times)]


def play(
    stamp: Callable[[int], int | None],
    arrival: Callable[[int], int] = lambda number: number * INTERVAL,
    frames: int = FRAMES,
) -> Footage:
    """The footage of frames with these stamps of the camera and these arrivals."""
    clock, arrivals = StreamClock("the yard"), list(_growing(arrival, frames))
    times = [clock.next(came, stamp(number)) for number, came in enumerate(arrivals)]
    return Footage([time.presentation for time in times], arrivals)


def _growing(arrival: Callable[[int], int], frames: int) -> Iterator[int]:
    last = 0
    for number in range(frames):
        last = max(last, BOOT + arrival(number))
        yield last


def right(number: int) -> int:
    return number * INTERVAL


def seconds(count: float) -> int:
    return round(count * NANOSECONDS)


def jittering(number: int) -> int:
    return number * INTERVAL + random.Random(number).randint(-seconds(0.2), seconds(0.2))


def paused(number: int) -> int:
    return right(number + 150 * (number > 500))


WRONG: dict[str, tuple[Callable[[int], int], str]] = {
    "half speed": (lambda n: right(n) // 2, "runs at 0.50 times"),
    "a tenth": (lambda n: right(n) // 10, "runs at 0.10 times"),
    "a fiftieth": (lambda n: right(n) // 50, "runs at 0.02 times"),
    "three times": (lambda n: right(n) * 3, "runs at 3.00 times"),
    "a sixth too fast": (lambda n: right(n) * 7 // 6, "runs at 1.17 times"),
    "standing": (lambda _: 17, "stands still"),
    "stands after a while": (lambda n: right(min(n, 300)), "runs at|stands still"),
    "backwards": (lambda n: -right(n), "went back"),
    "random": (lambda n: random.Random(n).randrange(2**40), "went back|leapt ahead"),
    "wrapped": (lambda n: (right(n) - seconds(9)) % seconds(2**32 / 90_000), "went back|leapt"),
    "an hour back once": (lambda n: right(n) - seconds(3600) * (n == 500), "went back by 3600"),
    "an hour ahead once": (lambda n: right(n) + seconds(3600) * (n == 500), "leapt ahead by 3600"),
    **{
        f"{step} s back each second": (
            lambda n, step=step: right(n) - n // 25 * seconds(step),  # type: ignore[misc]
            "went back",
        )
        for step in (0.1, 0.5, 0.9, 2, 3600)
    },
    **{
        f"{step} s ahead once": (
            lambda n, step=step: right(n) + (n >= 500) * seconds(step),  # type: ignore[misc]
            "leapt ahead",
        )
        for step in (0.5, 0.9, 2, 3600)
    },
}


@pytest.mark.parametrize("kind", WRONG)
def test_a_wrong_clock_leaves_the_footage_at_the_speed_of_the_world_and_is_reported_once(
    kind: str, event_log: EventLog
) -> None:
    stamp, fault = WRONG[kind]
    footage = play(stamp)
    assert footage.speed == pytest.approx(1, abs=0.01)
    assert all(-TOLERANCE <= lag <= 2 * TOLERANCE for lag in footage.lags)
    assert min(footage.steps) > 0
    (reported,) = event_log.of(Event.STREAM_CLOCK_WRONG)
    assert any(text in str(reported["fault"]) for text in fault.split("|"))


RIGHT: dict[str, tuple[Callable[[int], int | None], Callable[[int], int]]] = {
    "a quartz": (lambda n: round(right(n) * 1.0002), right),
    "jitter": (right, jittering),
    "jitter of less": (right, lambda n: jittering(n) // 2 + right(n) // 2),
    "a network that holds back two seconds": (
        right,
        lambda n: right(550) if 500 <= n < 550 else right(n),
    ),
    "six seconds without frames": (
        lambda n: right(n + 150 * (n > 500)),
        lambda n: right(n + 150 * (n > 500)),
    ),
    "nothing stated": (lambda _: None, right),
    "shifted by the first report of the sender": (
        lambda n: right(n) + seconds(8105) * (n > 9),
        right,
    ),
    "slow": (lambda n: n * seconds(6.7), lambda n: n * seconds(6.7)),
}


@pytest.mark.parametrize("kind", RIGHT)
def test_what_networks_do_is_no_fault_of_the_clock(kind: str, event_log: EventLog) -> None:
    footage = play(*RIGHT[kind])
    assert footage.speed == pytest.approx(1, abs=0.02)
    assert event_log.of(Event.STREAM_CLOCK_WRONG) == []


def test_jitter_of_arrival_is_smoothed_away() -> None:
    steps = play(right, lambda n: right(n) + (n % 5) * 10_000_000).steps[100:]
    assert max(steps) - min(steps) < 2_000_000


def test_a_clock_that_is_right_for_a_minute_again_is_reported_once(event_log: EventLog) -> None:
    play(lambda n: right(n) - (n >= 100) * seconds(5) - (n >= 300) * seconds(9), frames=2500)
    assert len(event_log.of(Event.STREAM_CLOCK_WRONG)) == 1
    assert event_log.of(Event.STREAM_CLOCK_BACK) == [{"faults": 2}]


@given(
    st.lists(
        st.tuples(st.integers(0, 20 * NANOSECONDS), st.none() | st.integers(-(2**63), 2**63)),
        max_size=60,
    )
)
def test_whatever_stamps_a_camera_sends_footage_grows_and_stays_near_arrival(
    frames: list[tuple[int, int | None]],
) -> None:
    clock, arrival, last = StreamClock("the yard"), BOOT, 0
    for number, (pause, stamp) in enumerate(frames):
        arrival += pause
        times = clock.next(arrival, stamp)
        assert times.arrival - arrival in range(number + 1)
        time = times.presentation
        assert time > last
        # Frames that all come at once are a millisecond apart, and so ahead of their arrival.
        assert -TOLERANCE <= time - arrival <= max(TOLERANCE, LEAP) + number * 1_000_000
        last = time
