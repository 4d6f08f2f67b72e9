import numpy as np

from anoncam.anonymizer.surroundings import Surroundings
from anoncam.anonymizer.tone_memory import ToneMemory
from anoncam.frames.frame import tight
from tests.support.frames import blank


def around(value: float, seen: float) -> Surroundings:
    return Surroundings(np.full((1, 4, 3), value), np.array([seen]))


def test_the_memory_is_bounded() -> None:
    memory, frame = ToneMemory(), blank(tight(4, 4))
    for number in range(2000):
        frame.timestamp = number + 1
        keys = [f"track {number} {box}" for box in range(3)]
        memory.keep(keys, [np.zeros((4, 3))] * 3, frame)
    assert len(memory._known) == 512


def test_the_more_is_visible_the_sooner_tones_follow() -> None:
    memory, frame = ToneMemory(), blank(tight(4, 4))
    memory.keep(["track 1"], [np.zeros((4, 3))], frame)
    frame.timestamp = 100_000_000
    followed = [
        float(memory.smooth(["track 1"], around(100.0, seen), frame)[0].mean())
        for seen in (0, 1, 10, 100, 1000)
    ]
    assert followed[0] == 0
    assert followed == sorted(set(followed))
    assert followed[-1] < 10


def test_looking_at_a_frame_remembers_nothing() -> None:
    memory, frame = ToneMemory(), blank(tight(4, 4))
    memory.keep(["track 1"], [np.zeros((4, 3))], frame)
    frame.timestamp = 100_000_000
    one, other = (memory.smooth(["track 1"], around(100.0, 96), frame)[0] for _ in range(2))
    assert np.array_equal(one, other)
