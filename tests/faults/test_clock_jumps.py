"""The clock of the machine is set by hours while the real daemon records, as on a Pi that has no
clock of its own."""

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest

from tests.faults.checking import is_well, play, recording_film, showing
from tests.faults.filming import FRAMES, Film
from tests.support.running import RunningDaemon, anoncam

CLOCK = """
import datetime, pathlib
from anoncam import clock
clock.is_synchronized = lambda: True
offset = pathlib.Path({offset!r})
real = clock.SystemClock.utc
wrong = lambda: datetime.timedelta(hours=float(offset.read_text()))
clock.SystemClock.utc = lambda self: real(self) + wrong()
"""
"""Python that lets the wall clock of the daemon be wrong by the hours in a file."""

JUMPS = (-7, 5, -24 * 365 * 20, 0)
"""Hours, one after the other; the third is where a machine without a clock chip begins."""


class Place:
    """A folder with a clock that can be set."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._offset = folder / "offset"
        self.set_clock(0)

    def set_clock(self, hours: float) -> None:
        """Let it be wrong by so much."""
        fresh = self._offset.with_suffix(".new")
        fresh.write_text(str(hours))
        fresh.replace(self._offset)

    def start(self, config: str) -> RunningDaemon:
        """A daemon with that clock."""
        return RunningDaemon(self.folder, config, spoiled_by=CLOCK.format(offset=str(self._offset)))


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


def segments(place: Place) -> Iterator[tuple[int, str, Path]]:
    """Number, time and path of each finished segment, in the order of their names."""
    for path in sorted((place.folder / "state/recordings").glob("*_*T*Z.mp4")):
        number, _, time = path.stem.partition("_")
        yield int(number), time, path


def test_names_never_collide_and_keep_the_order_of_recording_however_the_clock_is_set(
    place: Place, film: Film
) -> None:
    running = place.start(recording_film(film))
    try:
        is_well(running)
        for number, hours in enumerate(JUMPS, 1):
            place.set_clock(hours)
            running.wait_for("segment-finished", 2 * number + 1)
        assert running.stop() == 0
    finally:
        running.kill()
    found = list(segments(place))
    assert [number for number, _, _ in found] == list(range(1, len(found) + 1))
    times = [time for _, time, _ in found]
    assert times != sorted(times), "the clock has not been set back"
    numbers = [film.read_number(picture) for _, _, path in found for picture in play(path)]
    lost = running.status()["counts"]["dropped"]
    assert (
        sum(
            None not in pair and pair[1] != ((pair[0] or 0) + 1) % FRAMES
            for pair in pairwise(numbers)
        )
        <= lost
    )
    assert not list(showing(film, [path for _, _, path in found]))
    trouble = {"storage-failed", "stage-failed", "stage-frozen", "source-lost", "recording-gap"}
    assert not trouble & {name for name, _ in running.events}
    assert anoncam("verify", place.folder / "state/recordings").returncode == 0


def test_a_start_in_the_past_goes_on_with_the_numbers_and_retention_spares_the_newest(
    place: Place, film: Film
) -> None:
    with_age = recording_film(film).replace("min_free: 0", "min_free: 0, max_age: 0.5")
    running = place.start(with_age)
    try:
        is_well(running)
        running.wait_for("segment-finished", 2)
        assert running.stop() == 0
    finally:
        running.kill()
    old = [number for number, _, _ in segments(place)]
    other = place.folder / "state/recordings/000000001_holiday.mp4"
    other.write_text("not ours")
    place.set_clock(-48)
    running = place.start(with_age)
    try:
        running.wait_for("segment-finished", 2)
        # What is from the future is not old.
        assert not running.of("retention-deleted")
        place.set_clock(48)
        # Two days later all of it is, but for what is newest then.
        running.wait_for("segment-finished", len(running.of("segment-finished")) + 2)
        running.wait_until(lambda _: not {number for number, _, _ in segments(place)} & set(old))
        assert running.stop() == 0
    finally:
        running.kill()
    left = [number for number, _, _ in segments(place)]
    assert left == list(range(left[0], left[-1] + 1))
    assert left[0] > old[-1]
    assert not running.of("storage-failed")
    assert other.read_text() == "not ours"
    names = [sentence.split()[1] for sentence in running.of("segment-finished")]
    assert len(set(names)) == len(names)
    assert anoncam("verify", place.folder / "state/recordings").returncode == 0


def test_the_newest_segment_stays_even_if_the_clock_makes_it_old(place: Place, film: Film) -> None:
    running = place.start(recording_film(film).replace("min_free: 0", "min_free: 0, max_age: 0.5"))
    try:
        is_well(running)
        running.wait_for("segment-finished", 2)
        before = {number for number, _, _ in segments(place)}
        place.set_clock(24 * 30)
        running.wait_until(
            lambda _: min(before) not in {number for number, _, _ in segments(place)}
        )
        finished = max(number for number, _, _ in segments(place))
        assert finished >= max(before)
        assert running.stop() == 0
    finally:
        running.kill()
    assert list(segments(place))
