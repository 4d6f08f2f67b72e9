"""The seam of all detectors: a picture goes in, a result with its faces comes out."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from anoncam.frames.frame import Picture

Detections = NDArray[np.float32]
"""Shape (n, 5): x, y, width, height, score (0 to 1).

The boxes are in pixels of the stored picture, before it is turned upright.
"""


@dataclass(frozen=True)
class DetectionResult:
    """All detections for one frame.

    `complete` is false where faces may be missing, because the model has a fixed number of boxes
    and filled all of them. Such a result adds coverage, but the frame does not count as inferred.
    `latency` is in seconds. It starts when the detector has no older picture left to work on.
    """

    timestamp: int
    detections: Detections
    complete: bool
    latency: float


@dataclass(frozen=True)
class DetectorInfo:
    """Which detector is at work: for events, status and evidence.

    `reason` is why it runs on this device. `coral_problem` is set where a Coral was tried without
    success and the CPU took over.
    """

    model: str
    sha256: str
    input_size: tuple[int, int]
    device: str
    reason: str
    runtime: str
    coral_problem: str = ""


class Detector(Protocol):
    """Works on pictures one after the other; at most `depth` of them may be submitted at once."""

    info: DetectorInfo
    depth: int

    def submit(self, picture: Picture, timestamp: int) -> None:
        """Take in the picture; its planes are not read after the return.

        Raises:
            DetectorError: the detector is gone.
        """
        ...

    def collect(self, timeout: float) -> DetectionResult | None:
        """Return the result for the oldest picture, or None if it takes over `timeout` seconds.

        Raises:
            DetectorError: the detector is gone, sends garbage, or has been silent for longer than
                its `result_timeout`.
        """
        ...

    def close(self) -> None:
        """End the detector; idempotent."""
        ...
