"""How the time to track and to cover grows with the number of faces."""

import time
from collections.abc import Iterator
from statistics import median

import numpy as np

from anoncam.config.schema import Config
from anoncam.detectors.detector import DetectionResult
from anoncam.frames.frame import tight
from anoncam.tracking.snapping import Snapping
from anoncam.tracking.tracker import Tracker
from tools.bench.blur import crowd, time_covering
from tools.bench.figures import Bench, Figure

CROWDS = (0, 1, 10, 30, 100)


def crowds(bench: Bench) -> Iterator[Figure]:
    """Time the covering and the tracking of crowds of faces in 1920x1080."""
    for count in CROWDS:
        boxes = crowd(count)
        covering = median(time_covering(boxes, 20 * bench.runs))
        yield Figure(f"{count} faces of 60x75 in 1080p: blur", covering, "ms")
        yield Figure(
            f"{count} faces: track, per result and frame",
            _time_tracking(count, 20 * bench.runs),
            "ms",
        )


def _time_tracking(count: int, rounds: int) -> float:
    """Time a result with `count` faces, and the coverage that follows: milliseconds, the median."""
    tracker, snapping, picture = Tracker(Config().coverage), Snapping(), tight(1920, 1080)
    boxes = np.array(crowd(count), np.float32).reshape(-1, 4)
    boxes[:, 2:] -= boxes[:, :2]
    times = []
    for number in range(rounds):
        timestamp = number * 100_000_000
        boxes[:, 0] += 1
        found = np.column_stack([boxes, np.full(count, 0.9)]).astype(np.float32)
        began = time.perf_counter()
        tracker.add_result(DetectionResult(timestamp, found, complete=True, latency=0.0))
        snapping.snap(tracker.coverage(timestamp), picture)
        tracker.forget(timestamp)
        times.append(1000 * (time.perf_counter() - began))
    return median(times)
