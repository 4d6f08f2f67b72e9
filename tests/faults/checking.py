"""Checks after every fault: files play, no face shows, one event reports it and one its end, and
memory is as before.

>>> trouble = Trouble(running, film)
>>> ...  # break something
>>> trouble.is_over()
>>> ...
>>> trouble.check(event="detector-dead", over="detector-back")
"""

import time
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import mean

import av
import numpy as np
from numpy.typing import NDArray

from tests.faults.filming import FRAMES, SCENE, Film, Luma
from tests.support.running import RunningDaemon

HEALS_WITHIN = 5.0
"""Seconds from the end of a cause until what is recorded is clear again, on a machine that is not
kept from it."""

REPORTED_AFTER = 2.0
"""Seconds until the status file reports the end: it waits for a calm second, and is written once a
second."""

CONSEQUENCES = {"veil-began": "veil-ended", "recording-gap": ""}
"""Events that follow from many faults, each with the event of its end. None may stay open or
come twice."""

BY_LOAD = {
    "frames-dropping": "frames-dropped",
    "detector-late": "detector-back",
    # The tests' own camera paces itself by sleeping: kept from the processor, it is slow.
    "stream-clock-wrong": "stream-clock-back",
}
"""Events that are allowed where others take the processor, each with the event of its end."""

CROWDED_OUT = 1.5
"""How many times slower than alone the daemon must be for these events to be allowed."""

_USUAL = frozenset(
    {
        "detector-up",
        "encoder-chosen",
        "memory-unlocked",
        "segment-finished",
        "source-chosen",
        "started",
        "stopped",
    }
)
"""Events that report no trouble."""

_DETAIL = 7
"""Pixels over which a picture is smoothed: what is finer is detail, which no square of a grid
keeps."""

_NOISE = 8
"""Levels of brightness by which a block differs at most that the encoder alone has changed."""

_LIKE = 0.5
"""The correlation of details from which a face shows: 0.9 and more where it is clear, about 0 below
squares."""

_NEAR = 20
"""How far a frame without a readable number may be from the last readable one, in frames."""

GROWTH = 24 << 10
"""Kilobytes by which memory may grow: an encoder, and freed memory that an allocator keeps."""

_PROBES = 120


@dataclass(frozen=True)
class Showing:
    """A face that can be seen in a recording."""

    file: Path
    frame: int
    number: int
    likeness: float


def recording_film(film: Film, more: str = "", loop: str = "true") -> str:
    """A configuration that records the film as from a camera, in short segments; `more` are further
    sections."""
    return (
        f"source: {{type: file, address: {film.path}, loop: {loop}}}\n"
        f"recording: {{segment_length: 1, retention: {{min_free: 0}}}}\n{more}"
    )


def is_well(running: RunningDaemon) -> RunningDaemon:
    """Wait until it records clear frames."""
    running.wait_until(
        lambda status: (
            status["state"] == "recording"
            and status["counts"]["recorded"] >= 20
            and not status["counts"]["veil"]
        )
    )
    return running


def play(path: Path) -> list[Luma]:
    """All pictures of a file, which must be made of whole boxes and play to its end without any
    error."""
    data, place = path.read_bytes(), 0
    while place < len(data):
        # ISO/IEC 14496-12: a box begins with its length in 32 bits; our fragments are never longer.
        length = int.from_bytes(data[place : place + 4])
        assert 8 <= length <= len(data) - place, f"{path} breaks off in the box at byte {place}"
        place += length
    with av.open(str(path), options={"err_detect": "explode"}) as container:
        pictures = [
            np.asarray(frame.to_ndarray(format="gray"), np.uint8)
            for frame in container.decode(video=0)
        ]
    assert pictures, f"{path} holds no picture"
    return pictures


def covered_without_fault(film: Film, recording: Path) -> Film:
    """The film with those faces only that `recording`, made of it without any fault, covers."""
    pictures = play(recording)
    assert len(pictures) == len(film.clear)
    faces = [
        [face for face in film.faces[number] if likeness(film.clear[number], picture, face) < _LIKE]
        for number, picture in enumerate(pictures)
    ]
    return Film(film.path, film.clear, faces)


def showing(film: Film, paths: Iterable[Path]) -> Iterator[Showing]:
    """The faces of the film that show in these files."""
    for path in paths:
        last: int | None = None
        for index, picture in enumerate(_as_large(each, film) for each in play(path)):
            number = film.read_number(picture)
            last = last if number is None else number
            for candidate in _candidates(number, last):
                for face in film.faces[candidate]:
                    like = likeness(film.clear[candidate], picture, face)
                    if like >= _LIKE:
                        yield Showing(path, index, candidate, like)


def likeness(clear: Luma, recorded: Luma, face: Sequence[float]) -> float:
    """The correlation of the two pictures' detail in the middle of the box."""
    x, y, width, height = face
    rows = slice(round(y + height / 5), round(y + height * 4 / 5))
    columns = slice(round(x + width / 5), round(x + width * 4 / 5))
    first, second = _detail(clear[rows, columns]), _detail(recorded[rows, columns])
    scale = float(np.sqrt((first * first).sum() * (second * second).sum()))
    return float((first * second).sum()) / scale if scale else 0.0


def ready_frames(film: Film, paths: Iterable[Path]) -> list[int | None]:
    """The numbers of all frames in these files, in order; None for each that is covered as a
    whole."""
    return [film.read_number(_as_large(picture, film)) for path in paths for picture in play(path)]


def covered_parts(film: Film, paths: Iterable[Path]) -> dict[int, float]:
    """Return which part of the scene is covered, on average, by the number of the frame."""
    parts: dict[int, list[float]] = defaultdict(list)
    for path in paths:
        for picture in (_as_large(each, film) for each in play(path)):
            number = film.read_number(picture)
            if number is not None:
                parts[number].append(_changed(film.clear[number][:SCENE], picture[:SCENE]))
    return {number: mean(each) for number, each in parts.items()}


def _changed(clear: Luma, recorded: Luma) -> float:
    """The part of the blocks of 8x8 pixels that differ by more than the encoder's noise."""
    difference = np.abs(clear.astype(np.int16) - recorded)
    blocks = difference.reshape(clear.shape[0] // 8, 8, clear.shape[1] // 8, 8).mean(axis=(1, 3))
    return float((blocks > _NOISE).mean())


def slowness() -> float:
    """How many times longer than alone a process takes now, since others want the processor too."""
    began, used = time.monotonic(), time.process_time()
    while time.process_time() - used < 0.05:
        continue
    return max(1.0, (time.monotonic() - began) / 0.05)


@dataclass(frozen=True)
class Memory:
    """What a daemon and its children hold."""

    kilobytes: int
    threads: int
    processes: int

    @classmethod
    def of(cls, running: RunningDaemon) -> "Memory":
        """Measure it now."""
        pids = [running.process.pid, *running.children()]
        each = [_status(pid) for pid in pids]
        return cls(
            sum(kilobytes for kilobytes, _ in each), sum(threads for _, threads in each), len(pids)
        )

    @classmethod
    def most_of(cls, running: RunningDaemon) -> "Memory":
        """The highest values over 0.6 s, since between two segments there is no encoder."""
        seen = []
        for _ in range(4):
            seen.append(cls.of(running))
            time.sleep(0.15)
        return cls(
            max(each.kilobytes for each in seen),
            max(each.threads for each in seen),
            max(each.processes for each in seen),
        )

    def allows(self, later: "Memory", growth: int = GROWTH) -> bool:
        """Whether `later` is no larger than this, but for `growth` kilobytes."""
        return (
            later.kilobytes <= self.kilobytes + growth
            and later.threads <= self.threads
            and later.processes <= self.processes
        )


@dataclass
class Trouble:
    """One fault in the life of a daemon, from before it begins."""

    running: RunningDaemon
    film: Film
    slowness: float = field(default_factory=slowness)
    """How many times more time than on a quiet machine this one needs now."""
    growth: int = GROWTH
    _events: int = field(init=False)
    _files: frozenset[Path] = field(init=False)
    memory: Memory = field(init=False)

    def __post_init__(self) -> None:
        self.memory = Memory.most_of(self.running)
        self._events = len(self.running.events)
        self._files = frozenset(self.running.recordings())

    @property
    def is_crowded_out(self) -> bool:
        """Whether other processes keep the daemon from the processor, so that more may be late,
        dropped or veiled."""
        return max(self.slowness, slowness()) >= CROWDED_OUT

    @property
    def events(self) -> list[tuple[str, str]]:
        """Name and sentence of every event since it began."""
        return self.running.events[self._events :]

    def of(self, name: str) -> list[str]:
        """The sentences of the events of that name since it began."""
        return [sentence for event, sentence in self.events if event == name]

    def wait_for(self, name: str, count: int = 1) -> str:
        """Wait for an event since it began."""
        before = len(self.running.of(name)) - len(self.of(name))
        return self.running.wait_for(name, before + count)

    def is_over(self, within: float = HEALS_WITHIN) -> None:
        """The cause has ended just now: wait until clear frames are recorded again, which must not
        take long."""
        began = time.monotonic()
        status = self.running.status()
        counts = self.running.wait_until(
            lambda now: (
                now["at"] > status["at"]
                and now["state"] == "recording"
                and not now["counts"]["veil"]
                and now["counts"]["recorded"] > status["counts"]["recorded"]
            )
        )["counts"]
        took = time.monotonic() - began
        assert took < within * self.slowness + REPORTED_AFTER, (
            f"clear again only after {took:.1f} s: {counts}, {self.events}"
        )

    def check(
        self, *, event: str = "", over: str = "", also: Sequence[str] = ()
    ) -> list[int | None]:
        """Look at everything that the fault has left; the numbers of the frames that were recorded
        meanwhile.

        `event` and `over` are the events that must have come once (empty: none must), `also` those
        that may have come."""
        self._await_the_end(over)
        self._check_events(event, over, also)
        files = [path for path in self.running.recordings() if path not in self._files]
        faces = list(showing(self.film, files))
        assert not faces, f"a face shows in {len(faces)} frames, first in {faces[0]}"
        self._check_memory()
        return ready_frames(self.film, files)

    def _await_the_end(self, over: str) -> None:
        """Wait until the end of everything is reported, and the segments of the trouble are
        finished."""
        if over:
            self.wait_for(over)
        if len(self.of("veil-began")) > len(self.of("veil-ended")):
            self.wait_for("veil-ended", len(self.of("veil-began")))
        self.wait_for("segment-finished", len(self.of("segment-finished")) + 2)

    def _check_events(self, event: str, over: str, also: Sequence[str]) -> None:
        names = [name for name, _ in self.events]
        shown = "\n".join(self.running.lines)
        assert "Traceback" not in shown
        most, under_way = 1, 0
        if self.is_crowded_out:
            under_way = 1
            # What the machine adds then is trouble of its own.
            also = [*also, *BY_LOAD, *BY_LOAD.values()]
            most += sum(map(names.count, BY_LOAD))
        for name in filter(None, (event, over)):
            assert 1 <= names.count(name) <= most, (
                f"{name} is reported {names.count(name)} times:\n{shown}"
            )
        for began, ended in CONSEQUENCES.items():
            assert names.count(began) <= most, (
                f"{began} is reported {names.count(began)} times:\n{shown}"
            )
            left = names.count(began) - names.count(ended) if ended else 0
            assert abs(left) <= under_way, f"{ended} does not follow {began}:\n{shown}"
        known = {event, over, *also, *_USUAL, *CONSEQUENCES, *CONSEQUENCES.values()}
        assert not set(names) - known, f"{set(names) - known} is reported too:\n{shown}"

    def _check_memory(self) -> None:
        # A child that is starting, or one that has ended and is not yet gone, is no leak.
        for _ in range(_PROBES):
            now = Memory.of(self.running)
            if self.memory.allows(now, self.growth):
                return
            time.sleep(0.25)
        raise AssertionError(f"memory was {self.memory}, and stays {now}")


def _as_large(picture: Luma, film: Film) -> Luma:
    """The picture in the size of the film: a camera may change its own."""
    rows, columns = film.clear[0].shape
    if picture.shape == (rows, columns):
        return picture
    height, width = picture.shape
    return picture[np.ix_(np.arange(rows) * height // rows, np.arange(columns) * width // columns)]


def _candidates(number: int | None, last: int | None) -> Sequence[int]:
    if number is not None:
        return [number]
    if last is None:
        return range(FRAMES)
    return [place % FRAMES for place in range(last - _NEAR, last + _NEAR + 1)]


def _detail(picture: Luma) -> NDArray[np.float64]:
    padded = np.pad(picture.astype(np.float64), _DETAIL // 2, mode="edge")
    sums = np.pad(padded.cumsum(axis=0).cumsum(axis=1), ((1, 0), (1, 0)))
    means = (
        sums[_DETAIL:, _DETAIL:]
        - sums[:-_DETAIL, _DETAIL:]
        - sums[_DETAIL:, :-_DETAIL]
        + sums[:-_DETAIL, :-_DETAIL]
    )
    return np.asarray(picture - means / _DETAIL**2)


def _status(pid: int) -> tuple[int, int]:
    """Kilobytes in memory, and threads; none of a process that has ended."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except (FileNotFoundError, ProcessLookupError):
        return 0, 0
    facts = dict(line.split(":", 1) for line in lines if ":" in line)
    return int(facts.get("VmRSS", "0 kB").split()[0]), int(facts.get("Threads", "0"))
