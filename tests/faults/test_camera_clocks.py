"""Cameras whose clocks and rates are wrong in every way: no face shows, and the footage runs on.

Each camera shows a portrait for a third of a second every two seconds: whatever decides by a wrong
clock lets some of these frames pass.
"""

import random
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from time import monotonic

import pytest

from tests.faults.checking import CROWDED_OUT, covered_parts, ready_frames, showing, slowness
from tests.faults.filming import FPS, Film
from tests.faults.filming import film as make_film
from tests.faults.knob_camera import KnobCamera, Knobs, right
from tests.support.running import RunningDaemon
from tests.support.watching import times

RECORDED = 14.0
"""Seconds that each camera is recorded."""

SEGMENT = 4.0
"""Seconds of the segments' length."""

BESIDE = 6
"""Cameras at once: each takes about a tenth of a core."""

HOUR = 3600.0


def stepping(size: float, every: float = 1.0) -> Callable[[int, float], float]:
    """A clock that leaps by so many seconds, again and again."""
    return lambda _, elapsed: elapsed + size * (elapsed // every)


def at_random(size: float) -> Callable[[int, float], float]:
    """A clock that leaps back or ahead, at one frame in twenty."""

    def clock(number: int, elapsed: float) -> float:
        leaps = [size * random.Random(each).choice((-1, 1)) for each in range(number // 20)]
        return elapsed + sum(leaps)

    return clock


def once(size: float) -> Callable[[int, float], float]:
    """A clock that leaps after five seconds."""
    return lambda _, elapsed: elapsed + size * (elapsed >= 5)


def outlier(size: float) -> Callable[[int, float], float]:
    """A clock that is wrong for a single frame."""
    return lambda number, elapsed: elapsed + size * (number == 90)


WRONG: Mapping[str, Knobs] = {
    "half speed": Knobs(lambda _, elapsed: elapsed * 0.5),
    "a tenth": Knobs(lambda _, elapsed: elapsed * 0.1),
    "a fiftieth": Knobs(lambda _, elapsed: elapsed * 0.02),
    "three times": Knobs(lambda _, elapsed: elapsed * 3),
    "standing": Knobs(lambda _number, _elapsed: 100),
    **{f"{size} s back each second": Knobs(stepping(-size)) for size in (0.1, 0.5, 0.9, 2, HOUR)},
    **{f"{size} s ahead each second": Knobs(stepping(size)) for size in (0.5, 0.9, 2, HOUR)},
    **{f"{size} s at random": Knobs(at_random(size)) for size in (0.5, 2)},
    "2 s back once": Knobs(once(-2)),
    "an hour ahead once": Knobs(once(HOUR)),
    "an hour back for one frame": Knobs(outlier(-HOUR)),
    "an hour ahead for one frame": Knobs(outlier(HOUR)),
}
"""Cameras whose clocks are wrong."""

WELL = "a good camera"

ODD: Mapping[str, Knobs] = {
    WELL: Knobs(),
    "wrapped": Knobs(lambda _, elapsed: elapsed + 2**32 / 90_000 - 5),
    "no rate declared": Knobs(declared=""),
    "a rate of 1 declared": Knobs(declared="1"),
    "a rate of 90000 declared": Knobs(declared="90000"),
    "jitter": Knobs(jitter=0.4),
    "slow at night": Knobs(rate=lambda elapsed: 20 if elapsed < 6 else 2),
    "fast in the morning": Knobs(rate=lambda elapsed: 2 if elapsed < 6 else 20),
    "one frame a second": Knobs(rate=lambda _: 1),
}
"""Cameras whose clocks are right, however odd they are. libav knows that RTP's clock wraps."""


SAME_RATE = ["wrapped", "no rate declared", "a rate of 1 declared", "a rate of 90000 declared"]
"""Odd cameras with as many frames a second as the good one."""


@dataclass(frozen=True)
class Recording:
    """What was recorded of a camera, on a machine that was `slowness` times slower than alone."""

    running: RunningDaemon
    knobs: Knobs
    slowness: float

    @property
    def segments(self) -> list[Path]:
        return self.running.recordings()

    @property
    def length(self) -> float:
        """Seconds of the footage; the last frame of each segment is shown until the next one."""
        return sum(times(path)[-1] + 1 / self.knobs.rate(RECORDED) for path in self.segments)


@pytest.fixture(scope="module")
def brief(tmp_path_factory: pytest.TempPathFactory) -> Film:
    """Footage with a face in six of every forty frames."""
    path = tmp_path_factory.mktemp("brief") / "brief.mp4"
    return make_film(path, is_present=lambda number: 20 <= number % 40 < 26)


@pytest.fixture(scope="module")
def recordings(
    brief: Film, daemon: Callable[..., RunningDaemon]
) -> Iterator[Callable[[str], Recording]]:
    """Records all cameras, some at once; by the camera's name."""
    made: dict[str, Recording] = {}
    knobs = {**WRONG, **ODD}
    names = list(knobs)

    def recording(name: str) -> Recording:
        if name not in made:
            start = names.index(name) // BESIDE * BESIDE
            group = names[start : start + BESIDE]
            made.update(_record({each: knobs[each] for each in group}, brief, daemon))
        return made[name]

    yield recording


def _record(
    knobs: Mapping[str, Knobs], brief: Film, daemon: Callable[..., RunningDaemon]
) -> dict[str, Recording]:
    with ExitStack() as stack:
        cameras = {
            name: stack.enter_context(KnobCamera(brief.path, each)) for name, each in knobs.items()
        }
        running = {name: daemon(_config(camera.address)) for name, camera in cameras.items()}
        for each in running.values():
            each.wait_for("source-chosen")
        began = monotonic()
        for each in running.values():
            each.wait_until(lambda _: monotonic() - began > RECORDED)
        crowded = slowness()
        for each in running.values():
            each.stop()
    return {name: Recording(running[name], each, crowded) for name, each in knobs.items()}


def _config(address: str) -> str:
    return (
        f"source: {{type: rtsp, address: '{address}'}}\n"
        "detector: {device: cpu, model: anoncam-face-320x320}\n"
        f"recording: {{segment_length: {SEGMENT}, retention: {{min_free: 0}}}}\n"
    )


@pytest.mark.parametrize("name", [*WRONG, *ODD])
def test_no_face_shows_whatever_stamps_the_camera_sends(
    recordings: Callable[[str], Recording], brief: Film, name: str
) -> None:
    recording = recordings(name)
    assert not list(showing(brief, recording.segments))


@pytest.mark.parametrize("name", [*WRONG, *ODD])
def test_hardly_a_frame_is_veiled(
    recordings: Callable[[str], Recording], brief: Film, name: str
) -> None:
    recording = recordings(name)
    numbers = ready_frames(brief, recording.segments)
    assert len(numbers) >= 0.85 * _expected(recording.knobs)
    assert numbers.count(None) <= 0.05 * len(numbers) + 2


@pytest.mark.parametrize("name", [*WRONG, *SAME_RATE])
def test_as_much_is_covered_as_with_a_good_camera(
    recordings: Callable[[str], Recording], brief: Film, name: str
) -> None:
    recording, good = recordings(name), recordings(WELL)
    if max(recording.slowness, good.slowness) >= CROWDED_OUT:
        pytest.skip("other processes take the processor: results come at other times")
    covered = covered_parts(brief, recording.segments)
    usual = covered_parts(brief, good.segments)
    both = covered.keys() & usual.keys()
    assert len(both) > 100
    area, expected = (sum(each[number] for number in both) for each in (covered, usual))
    assert area == pytest.approx(expected, rel=0.1)


@pytest.mark.parametrize("name", [*WRONG, *ODD])
def test_the_footage_runs_at_the_speed_of_the_world_in_segments_of_their_length(
    recordings: Callable[[str], Recording], name: str
) -> None:
    recording = recordings(name)
    assert RECORDED - 3 < recording.length < RECORDED + 3
    # The last one ends when the daemon stops.
    for path in recording.segments[:-1]:
        assert times(path)[-1] == pytest.approx(SEGMENT, abs=1.3)
    for path in recording.segments:
        assert all(later > earlier for earlier, later in pairwise(times(path)))


@pytest.mark.parametrize("name", [*WRONG, *ODD])
def test_a_wrong_clock_is_reported_once_and_nothing_else_is(
    recordings: Callable[[str], Recording], name: str
) -> None:
    recording = recordings(name)
    assert len(recording.running.of("stream-clock-wrong")) == (name in WRONG)
    for event in ("source-lost", "recording-gap", "stage-frozen"):
        assert not recording.running.of(event)
    if recording.slowness < CROWDED_OUT:
        assert not recording.running.of("frames-dropping")


def _expected(knobs: Knobs) -> float:
    """How many frames come in the time of the recording."""
    frames, due = 0, 0.0
    while due < RECORDED:
        due += 1 / knobs.rate(due)
        frames += 1
    return frames


def test_the_good_camera_has_no_knob_turned() -> None:
    assert ODD[WELL] == Knobs(right, declared=str(FPS), rate=ODD[WELL].rate)
