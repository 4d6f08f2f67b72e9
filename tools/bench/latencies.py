"""How many frames pass per second while the detector is slow."""

import time
from collections import deque
from collections.abc import Iterator
from functools import partial

import numpy as np

from anoncam.config.schema import Config
from anoncam.detectors.detector import DetectionResult
from anoncam.detectors.simulated import INFO
from anoncam.frames.frame import Picture
from tools.bench.figures import Bench, Figure
from tools.coverage.pipeline import coverages

LATENCIES = (0.005, 0.02, 0.05, 0.1, 0.2)
"""Seconds that the detector takes for a result."""


def latencies(bench: Bench) -> Iterator[Figure]:
    """Measure the frames per second of the clip with detectors of different latencies."""
    for latency in LATENCIES:
        began, frames = time.perf_counter(), 0
        for _ in coverages(bench.clip, Config(), partial(_SlowDetector, latency)):
            frames += 1
        rate = frames / (time.perf_counter() - began)
        yield Figure(
            f"detector takes {1000 * latency:.0f} ms",
            rate,
            "fps",
            "decoding to coverage, no encoder",
        )


class _SlowDetector:
    """A detector that takes `latency` seconds to find nothing."""

    info = INFO
    depth = 2

    def __init__(self, latency: float) -> None:
        self._latency = latency
        self._submitted: deque[tuple[float, int]] = deque()
        self._free = 0.0

    def submit(self, _picture: Picture, timestamp: int) -> None:
        self._free = max(self._free, time.monotonic()) + self._latency
        self._submitted.append((self._free, timestamp))

    def collect(self, timeout: float) -> DetectionResult | None:
        due, timestamp = self._submitted[0]
        wait = due - time.monotonic()
        time.sleep(max(0.0, min(wait, timeout)))
        if wait > timeout:
            return None
        self._submitted.popleft()
        return DetectionResult(
            timestamp, np.empty((0, 5), np.float32), complete=True, latency=self._latency
        )

    def close(self) -> None:
        self._submitted.clear()
