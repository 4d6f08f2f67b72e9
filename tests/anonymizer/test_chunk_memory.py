"""Tones in a chunk depend on the chunk and its lead-in alone."""

from itertools import pairwise

import numpy as np

from anoncam.anonymizer.chunk_memory import ChunkMemory
from anoncam.anonymizer.surroundings import Surroundings
from anoncam.anonymizer.tones import Sides
from anoncam.clock import NANOSECONDS
from anoncam.frames.chunk import CHUNK, LEAD_IN
from anoncam.frames.frame import tight
from tests.support.frames import blank

STEP = NANOSECONDS // 4


def tones(times: range, memory: ChunkMemory) -> dict[int, Sides]:
    """The tones of one key whose surroundings change all the time, and are hidden now and then."""
    frame, found = blank(tight(4, 4)), {}
    for time in times:
        frame.timestamp = time
        value = 100 + 80 * np.sin(time / NANOSECONDS / 7)
        seen = 0.0 if time // NANOSECONDS % 5 == 2 else 96.0
        around = Surroundings(np.full((1, 4, 3), value), np.array([seen]))
        found[time] = memory.smooth(["track 1"], around, frame)[0]
        memory.keep(["track 1"], [found[time]], frame)
    return found


def test_a_chunk_by_itself_has_the_tones_of_the_whole() -> None:
    whole = tones(range(STEP, 3 * CHUNK, STEP), ChunkMemory())
    for chunk in (1, 2):
        begin, end = chunk * CHUNK, (chunk + 1) * CHUNK
        alone = tones(range(begin - LEAD_IN, end, STEP), ChunkMemory())
        for time in range(begin, end, STEP):
            assert np.array_equal(alone[time], whole[time])


def test_no_tone_leaps_where_chunks_meet() -> None:
    whole = tones(range(STEP, 3 * CHUNK, STEP), ChunkMemory())
    times = sorted(whole)
    steps = {
        after: float(np.abs(whole[after] - whole[before]).max())
        for before, after in pairwise(times)
    }
    assert max(steps[CHUNK], steps[2 * CHUNK]) <= max(steps.values())
    assert max(steps[CHUNK], steps[2 * CHUNK]) < 4


def test_a_pause_over_a_whole_chunk_begins_afresh() -> None:
    memory = ChunkMemory()
    tones(range(STEP, CHUNK, STEP), memory)
    time = range(5 * CHUNK, 5 * CHUNK + 1)
    afresh = tones(time, ChunkMemory())
    assert np.array_equal(tones(time, memory)[5 * CHUNK], afresh[5 * CHUNK])
