"""How the cost grows: with the size of the picture, with the faces in it, with the detector's
latency.
"""

import time
from collections import deque
from collections.abc import Iterator
from functools import partial
from statistics import median

import numpy as np

from anoncam.config.schema import Config
from anoncam.detectors.detector import DetectionResult
from anoncam.detectors.simulated import INFO
from anoncam.frames.frame import Picture
from anoncam.tracking.tracker import Tracker
from tools.bench.blurring import crowd, time_covering
from tools.bench.figures import Bench, Figure
from tools.bench.stages import draw_stages, time_stages
from tools.coverage.__main__ import coverages
from tools.demo.footage import make_footage

SIZES = {
    "480p": (854, 480),
    "720p": (1280, 720),
    "1080p": (1920, 1080),
    "1440p": (2560, 1440),
    "2160p": (3840, 2160),
}

_SECONDS = 2.0

CROWDS = (0, 1, 10, 30, 100)

LATENCIES = (0.005, 0.02, 0.05, 0.1, 0.2)


def sizes(bench: Bench) -> Iterator[Figure]:
    """All stages over generated footage of each size; the plot goes into the folder of the
    benchmark.
    """
    shares = {}
    for name, (width, height) in SIZES.items():
        clip = bench.folder / f"{name}.mp4"
        make_footage(clip, width=width, height=height, seconds=_SECONDS)
        shares[name] = time_stages(clip, Config()).per_frame()
        parts = ", ".join(f"{stage} {share:.1f}" for stage, share in shares[name].items())
        yield Figure(f"{name}: all stages, per frame", sum(shares[name].values()), "ms", parts)
    if bench.plots is not None:
        draw_stages(shares, bench.plots / "stages.png")


def crowds(bench: Bench) -> Iterator[Figure]:
    """Covering and tracking of so many faces in 1080p."""
    for count in CROWDS:
        boxes = crowd(count)
        covering = median(time_covering(boxes, 20 * bench.runs))
        yield Figure(f"{count} faces of 60x75 in 1080p: blur", covering, "ms")
        yield Figure(
            f"{count} faces: track, per answer and frame",
            _time_tracking(count, 20 * bench.runs),
            "ms",
        )


def latencies(bench: Bench) -> Iterator[Figure]:
    """Frames of the clip that get through, while the detector takes so long for an answer."""
    for latency in LATENCIES:
        began, frames = time.perf_counter(), 0
        for _ in coverages(bench.clip, Config(), partial(_SlowDetector, latency)):
            frames += 1
        rate = frames / (time.perf_counter() - began)
        yield Figure(
            f"detector answers in {1000 * latency:.0f} ms",
            rate,
            "fps",
            "decoding to coverage, no encoder",
        )


def _time_tracking(count: int, rounds: int) -> float:
    """Milliseconds (median) to take in an answer with `count` faces and to say what is covered."""
    tracker = Tracker(Config().coverage)
    boxes = np.array(crowd(count), np.float32).reshape(-1, 4)
    boxes[:, 2:] -= boxes[:, :2]
    times = []
    for number in range(rounds):
        moment = number * 100_000_000
        boxes[:, 0] += 1
        found = np.column_stack([boxes, np.full(count, 0.9)]).astype(np.float32)
        began = time.perf_counter()
        tracker.add_result(DetectionResult(moment, found, complete=True, latency=0.0))
        tracker.coverage(moment)
        tracker.forget(moment)
        times.append(1000 * (time.perf_counter() - began))
    return median(times)


class _SlowDetector:
    """Finds nothing, and takes `latency` seconds for it."""

    info = INFO
    depth = 2

    def __init__(self, latency: float) -> None:
        self._latency = latency
        self._asked: deque[tuple[float, int]] = deque()
        self._free = 0.0

    def submit(self, _picture: Picture, timestamp: int) -> None:
        self._free = max(self._free, time.monotonic()) + self._latency
        self._asked.append((self._free, timestamp))

    def collect(self, timeout: float) -> DetectionResult | None:
        due, timestamp = self._asked[0]
        wait = due - time.monotonic()
        time.sleep(max(0.0, min(wait, timeout)))
        if wait > timeout:
            return None
        self._asked.popleft()
        return DetectionResult(
            timestamp, np.empty((0, 5), np.float32), complete=True, latency=self._latency
        )

    def close(self) -> None:
        self._asked.clear()
