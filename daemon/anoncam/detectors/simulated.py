"""A detector that reacts as it is told: a small simulation, to try out whatever stands behind a
detector.
"""

import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from anoncam.detectors.detector import DetectionResult, Detections, DetectorInfo
from anoncam.errors import DetectorError
from anoncam.frames.frame import Picture

INFO = DetectorInfo("simulated", "", (0, 0), "none", "it is simulated", "none")


def nothing() -> Detections:
    """No detections."""
    return np.empty((0, 5), np.float32)


@dataclass(frozen=True)
class Reaction:
    """What the detector does about one picture: it answers, dies of `error`, or is `silent` for
    ever.
    """

    detections: Detections = field(default_factory=nothing)
    complete: bool = True
    error: str = ""
    silent: bool = False


Script = Callable[[Picture, int], Reaction]
"""Looks at a picture and its timestamp."""


class SimulatedDetector:
    """Answers by a script, when it is let, and remembers what it was asked.

    >>> detector = SimulatedDetector(lambda picture, timestamp: Reaction())
    >>> detector.submit(frame, frame.timestamp)
    >>> detector.collect(timeout=0).timestamp == frame.timestamp
    True
    """

    def __init__(
        self,
        script: Script = lambda _picture, _timestamp: Reaction(),
        *,
        depth: int = 2,
        result_timeout: float = 2.0,
        info: DetectorInfo = INFO,
    ) -> None:
        self.info = info
        self.depth = depth
        self.asked: list[int] = []
        self.answered: list[int] = []
        self.closed = False
        self._script = script
        self._result_timeout = result_timeout
        self._changed = threading.Condition()
        self._pending: deque[tuple[int, Reaction, float]] = deque()
        self._held = False
        self._death = ""

    def hold(self) -> None:
        """Give no answer until `let_go`."""
        with self._changed:
            self._held = True

    def let_go(self) -> None:
        """Give answers as they come, those held back first."""
        with self._changed:
            self._held = False
            self._changed.notify_all()

    def die(self, reason: str) -> None:
        """Be gone from now on."""
        with self._changed:
            self._death = self._death or reason
            self._changed.notify_all()

    def wait_until_asked(self, count: int, timeout: float = 30.0) -> bool:
        """Wait for the picture number `count`; whether it came."""
        with self._changed:
            return self._changed.wait_for(lambda: len(self.asked) >= count, timeout)

    def submit(self, picture: Picture, timestamp: int) -> None:
        """Look at the picture, and think of an answer."""
        reaction = self._script(picture, timestamp)
        with self._changed:
            self._be_alive()
            if len(self._pending) == self.depth:
                raise ValueError(f"more than {self.depth} pictures are under way")
            self.asked.append(timestamp)
            self._pending.append((timestamp, reaction, time.monotonic()))
            self._changed.notify_all()

    def collect(self, timeout: float) -> DetectionResult | None:
        """The answer to the oldest picture, as the script wants it."""
        with self._changed:
            timestamp, reaction, asked_at = self._pending[0]
            left = max(0.0, asked_at + self._result_timeout - time.monotonic())
            may_answer = self._changed.wait_for(
                lambda: bool(self._death) or not (self._held or reaction.silent), min(timeout, left)
            )
            if reaction.error:
                self._death = self._death or reaction.error
            self._be_alive()
            silence = time.monotonic() - asked_at
            if not may_answer:
                if silence >= self._result_timeout:
                    raise DetectorError(f"the detector has been silent for {silence:.1f} s")
                return None
            self._pending.popleft()
            self.answered.append(timestamp)
            return DetectionResult(timestamp, reaction.detections, reaction.complete, silence)

    def close(self) -> None:
        """End it; idempotent."""
        self.closed = True
        self.die("the detector has been closed")

    def _be_alive(self) -> None:
        if self._death:
            raise DetectorError(self._death)
