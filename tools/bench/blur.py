"""The time that the anonymizer takes to cover faces."""

import time
from collections.abc import Iterator, Sequence
from statistics import median

import numpy as np

from anoncam.anonymizer.anonymizer import Anonymizer
from anoncam.config.schema import AnonymizerSettings
from anoncam.frames.boxes import Box
from anoncam.frames.frame import tight
from anoncam.frames.pool import FramePool
from anoncam.tracking.coverage import Coverage, CoverBox
from tools.bench.figures import Bench, Figure, progress

_FACE = 60, 75


def blur(bench: Bench) -> Iterator[Figure]:
    """Cover ten faces of 200x250 pixels in a frame of 1920x1080, in place."""
    corners = [(80 + 370 * column, 120 + 480 * row) for row in range(2) for column in range(5)]
    boxes = [(float(x), float(y), float(x + 200), float(y + 250)) for x, y in corners]
    times = time_covering(boxes, 100 * bench.runs)
    yield Figure("ten faces of 200x250 in 1080p", median(times), "ms", f"median of {len(times)}")


def crowd(count: int) -> list[Box]:
    """Place `count` faces of 60x75 pixels in rows over a frame of 1920x1080."""
    across, down = _FACE
    corners = [(20 + 90 * (number % 20), 20 + 120 * (number // 20)) for number in range(count)]
    return [(float(x), float(y), float(x + across), float(y + down)) for x, y in corners]


def time_covering(boxes: Sequence[Box], rounds: int) -> list[float]:
    """Time the covering of `boxes` in a frame of 1920x1080: milliseconds of each round."""
    pool = FramePool(tight(1920, 1080), 1)
    frame = pool.acquire()
    assert frame is not None
    frame.buffer[:] = np.random.default_rng(0).integers(16, 236, frame.buffer.shape, np.uint8)
    coverage = Coverage(tuple(CoverBox(box, f"track {number}") for number, box in enumerate(boxes)))
    anonymizer = Anonymizer(AnonymizerSettings())
    times = []
    for _ in progress(rounds, "covering"):
        began = time.perf_counter()
        anonymizer.apply(frame, coverage)
        times.append(1000 * (time.perf_counter() - began))
    return times
