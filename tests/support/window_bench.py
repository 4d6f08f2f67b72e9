"""A window, and all that is done with it, in one thread."""

from itertools import pairwise

import numpy as np

from anoncam.clock import NANOSECONDS
from anoncam.config.schema import Config
from anoncam.detectors.detector import DetectionResult, Detections
from anoncam.frames.frame import Frame, tight
from anoncam.motion.scene_cuts import Scene
from anoncam.pipeline.window import Window
from anoncam.tracking.coverage import Coverage
from tests.support.frames import FakeClock, blank

FORMAT = tight(64, 48)
NO_FACE: Detections = np.empty((0, 5), np.float32)
FACE: Detections = np.array([[10, 10, 20, 20, 0.9]], np.float32)


def config_with(
    rate: float = 15.0, max_gap: float = 0.5, look_ahead: float = 0.5, persistence: float = 1.0
) -> Config:
    return Config.model_validate(
        {
            "detector": {"rate": rate, "max_gap": max_gap},
            "coverage": {"look_ahead": look_ahead, "persistence": persistence},
        }
    )


def frame_at(timestamp: int) -> Frame:
    frame = blank(FORMAT)
    frame.timestamp = timestamp
    return frame


class Bench:
    """A window with everything around it done by hand, in one thread."""

    def __init__(self, *, live: bool, config: Config | None = None) -> None:
        self.clock = FakeClock()
        self.window = Window(config or config_with(), live=live, clock=self.clock)
        self.reading: Frame | None = None
        self.submitted: list[int] = []
        self.results: list[tuple[int, bool]] = []
        self.left: list[tuple[int, Coverage]] = []

    def put(self, *timestamps: int, cut: bool = False) -> None:
        for timestamp in timestamps:
            self.window.put(frame_at(timestamp), scene=Scene(begins=cut))

    def submit(self) -> int | None:
        """Let the detector read the next due frame."""
        self.read()
        return self.send()

    def read(self) -> None:
        if self.reading is None:
            self.reading = self.window.next_to_infer(0)

    def send(self) -> int | None:
        frame, self.reading = self.reading, None
        if frame is None:
            return None
        self.window.submitted(frame)
        self.submitted.append(frame.timestamp)
        return frame.timestamp

    def add_result(self, *, detections: Detections = NO_FACE, complete: bool = True) -> bool:
        if not self.submitted:
            return False
        timestamp = self.submitted.pop(0)
        self.window.add_result(DetectionResult(timestamp, detections, complete, 0.01))
        self.results.append((timestamp, complete))
        return True

    def fail(self) -> None:
        self.reading, self.submitted = None, []
        self.window.withdraw()

    def take(self) -> bool:
        ready = self.window.take_ready()
        if ready is None:
            return False
        self.left.append((ready[0].timestamp, ready[1]))
        return True

    def finish(self) -> None:
        """Do whatever can be done until nothing is left; a window that locks up fails here."""
        for _ in range(10_000):
            if self.window.finished:
                return
            progress = self.submit() is not None
            progress |= self.add_result()
            progress |= self.take()
            assert progress or self.window.live, "the window is locked up"
            self.clock.advance(0.01)
        raise AssertionError("the window never ends")

    def is_covered(self, timestamp: int, max_gap: float) -> bool:
        """Invariant 1 in other words: it has a result, or lies between two near enough."""
        timestamps = sorted({timestamp for timestamp, complete in self.results if complete})
        return timestamp in timestamps or any(
            before < timestamp < after and after - before <= round(max_gap * NANOSECONDS)
            for before, after in pairwise(timestamps)
        )
