"""The coverage of a file is a function of the file, the model and the settings alone."""

import random
import time
from collections.abc import Callable, Iterator

import numpy as np
import pytest

from anoncam.anonymizer.anonymized_frame import AnonymizedFrame
from anoncam.anonymizer.anonymizer import Anonymizer
from anoncam.clock import NANOSECONDS, Stop, SystemClock
from anoncam.config.schema import AnonymizerSettings, Config
from anoncam.detectors.simulated import Reaction, SimulatedDetector
from anoncam.frames.frame import Picture
from anoncam.pipeline.counters import Counters
from anoncam.pipeline.inference import InferenceStage
from anoncam.pipeline.pipeline import Pipeline
from anoncam.tracking.coverage import Coverage
from tests.support import fakes

FRAMES = 150

Delay = Callable[[], float]
"""Seconds that one result takes."""


def faces(timestamp: int) -> Reaction:
    """Faces that come and go, some sure and some not, always the same at one timestamp."""
    chance = random.Random(timestamp // 200_000_000)
    found = [
        (
            8 + number * 18 + timestamp / NANOSECONDS * chance.uniform(0, 4),
            chance.uniform(4, 20),
            10,
            12,
            chance.uniform(0.3, 1),
        )
        for number in range(chance.randrange(4))
    ]
    return Reaction(np.array(found, np.float32).reshape(-1, 5))


class CoverageRecorder(fakes.MemoryRecorder):
    """Keeps what is covered in each frame; each takes `seconds` to record."""

    def __init__(self, seconds: Delay) -> None:
        super().__init__()
        self.coverage: list[Coverage] = []
        self._seconds = seconds

    def write(self, frame: AnonymizedFrame) -> None:
        time.sleep(self._seconds())
        self.coverage.append(frame._coverage)


def coverage_of(
    timestamps: list[int], detect: Delay, record: Delay, *, rate: float, **settings: object
) -> list[Coverage]:
    """What is covered in each frame of a file; `rate` is what it declares."""

    def look(_: Picture, timestamp: int) -> Reaction:
        time.sleep(detect())
        return faces(timestamp)

    recorder, counters, stop = CoverageRecorder(record), Counters(), Stop()
    inference = InferenceStage(lambda: SimulatedDetector(look), counters=counters)
    inference.start()
    pipeline = Pipeline(
        fakes.MemorySource(timestamps, rate=rate),
        recorder,
        Anonymizer(AnonymizerSettings()),
        inference,
        Config.model_validate(settings),
        counters,
        SystemClock(),
        stop,
    )
    try:
        pipeline.run()
    finally:
        inference.close()
    return recorder.coverage


def at_once() -> float:
    return 0.0


def slow() -> float:
    return 0.02


@pytest.fixture
def irregular() -> Iterator[Delay]:
    """Now at once, now not, as on a busy machine."""
    chance = random.Random(5)
    yield lambda: chance.choice((0, 0, 0, 0.001, 0.03))


UNEVEN = list(np.cumsum([random.Random(each).choice((5, 20, 90)) for each in range(FRAMES)]))

FILES = {
    "steady": fakes.evenly(FRAMES, 30),
    "uneven": [int(each) * 1_000_000 for each in UNEVEN],
    "faster than declared": fakes.evenly(FRAMES, 55),
}


@pytest.mark.parametrize("kind", FILES)
def test_what_is_covered_does_not_depend_on_how_busy_the_machine_is(
    kind: str, irregular: Delay
) -> None:
    expected = coverage_of(FILES[kind], at_once, at_once, rate=30)
    assert len(expected) == FRAMES
    assert sum(bool(each.boxes) for each in expected) > FRAMES / 10
    assert not any(each.veil for each in expected)
    for detect, record in ((slow, at_once), (at_once, slow), (irregular, irregular)):
        assert coverage_of(FILES[kind], detect, record, rate=30) == expected


def test_a_pool_that_is_too_small_grows_and_the_look_ahead_is_not_cut() -> None:
    timestamps = fakes.evenly(FRAMES, 50)
    settings = {"coverage": {"look_ahead": 1.0}}
    expected = coverage_of(timestamps, at_once, at_once, rate=5, **settings)
    assert coverage_of(timestamps, slow, at_once, rate=5, **settings) == expected


def test_frames_of_a_file_whose_timestamps_stand_still_are_inferred_by_number() -> None:
    seen: list[int] = []

    def look(_: Picture, timestamp: int) -> Reaction:
        seen.append(timestamp)
        return Reaction()

    counters = Counters()
    inference = InferenceStage(lambda: SimulatedDetector(look), counters=counters)
    inference.start()
    source = fakes.MemorySource([number * 100 for number in range(FRAMES)])
    Pipeline(
        source,
        fakes.MemoryRecorder(),
        Anonymizer(AnonymizerSettings()),
        inference,
        Config(),
        counters,
        SystemClock(),
        Stop(),
    ).run()
    inference.close()
    # Half of twenty a second, since nothing is in view: at least every fourth frame of thirty.
    assert len(seen) >= FRAMES / 4
