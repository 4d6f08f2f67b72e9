"""A simulated detector that follows a script, to try out the stages that use a detector."""

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
    """What the detector does with one picture: it gives a result, fails, or stays `silent`.

    It fails for good if `error` is set.
    """

    detections: Detections = field(default_factory=nothing)
    complete: bool = True
    error: str = ""
    silent: bool = False


Script = Callable[[Picture, int], Reaction]
"""Decides what to do with a picture and its timestamp."""


class SimulatedDetector:
    """Gives results by a script, and keeps the timestamps that were submitted and collected.

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
        self.submitted: list[int] = []
        self.collected: list[int] = []
        self.closed = False
        self._script = script
        self._result_timeout = result_timeout
        self._changed = threading.Condition()
        self._pending: deque[tuple[int, Reaction, float]] = deque()
        self._paused = False
        self._failure = ""

    def pause(self) -> None:
        """Give no result until `resume`."""
        with self._changed:
            self._paused = True

    def resume(self) -> None:
        """Give results again, the oldest first."""
        with self._changed:
            self._paused = False
            self._changed.notify_all()

    def fail(self, reason: str) -> None:
        """Fail from now on."""
        with self._changed:
            self._failure = self._failure or reason
            self._changed.notify_all()

    def wait_until_submitted(self, count: int, timeout: float = 30.0) -> bool:
        """Wait until `count` pictures were submitted; False after `timeout` seconds."""
        with self._changed:
            return self._changed.wait_for(lambda: len(self.submitted) >= count, timeout)

    def submit(self, picture: Picture, timestamp: int) -> None:
        """Let the script decide on the picture.

        Raises:
            DetectorError: it has failed.
            ValueError: `depth` pictures are submitted already.
        """
        reaction = self._script(picture, timestamp)
        with self._changed:
            self._raise_failure()
            if len(self._pending) == self.depth:
                raise ValueError(f"more than {self.depth} pictures are submitted")
            self.submitted.append(timestamp)
            self._pending.append((timestamp, reaction, time.monotonic()))
            self._changed.notify_all()

    def collect(self, timeout: float) -> DetectionResult | None:
        """Return the result for the oldest picture, as the script decided.

        Raises:
            DetectorError: it has failed, or has been silent for longer than `result_timeout`.
        """
        with self._changed:
            timestamp, reaction, submitted_at = self._pending[0]
            left = max(0.0, submitted_at + self._result_timeout - time.monotonic())
            may_reply = self._changed.wait_for(
                lambda: bool(self._failure) or not (self._paused or reaction.silent),
                min(timeout, left),
            )
            if reaction.error:
                self._failure = self._failure or reaction.error
            self._raise_failure()
            silence = time.monotonic() - submitted_at
            if not may_reply:
                if silence >= self._result_timeout:
                    raise DetectorError(f"the detector has been silent for {silence:.1f} s")
                return None
            self._pending.popleft()
            self.collected.append(timestamp)
            return DetectionResult(timestamp, reaction.detections, reaction.complete, silence)

    def close(self) -> None:
        """End it; idempotent."""
        self.closed = True
        self.fail("the detector has been closed")

    def _raise_failure(self) -> None:
        if self._failure:
            raise DetectorError(self._failure)
