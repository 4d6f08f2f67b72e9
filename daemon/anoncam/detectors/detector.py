"""What finds faces: a seam that takes a frame and gives an answer."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from anoncam.frames.frame import Picture

Detections = NDArray[np.float32]
"""Shape (n, 5): x, y, width, height in pixels of the stored (not turned) picture, then the score
from 0 to 1."""


@dataclass(frozen=True)
class DetectionResult:
    """What the detector said of one moment.

    `complete` is false where faces may be missing (a model with a fixed number of boxes gave all of
    them): such an answer adds coverage but counts as "not examined". `latency` is seconds from when
    the detector had nothing older to do to its answer.
    """

    timestamp: int
    detections: Detections
    complete: bool
    latency: float


@dataclass(frozen=True)
class DetectorInfo:
    """Which detector answers: for events, status and evidence.

    `coral_problem` is not empty where a Coral was tried for in vain and the CPU took over.
    """

    model: str
    sha256: str
    input_size: tuple[int, int]
    device: str
    reason: str
    runtime: str
    coral_problem: str = ""


class Detector(Protocol):
    """Examines pictures one after the other, at most `depth` of them under way at once."""

    info: DetectorInfo
    depth: int

    def submit(self, picture: Picture, timestamp: int) -> None:
        """Take in the picture; on return its planes are not read any more.

        Raises:
            DetectorError: the detector is gone.
        """
        ...

    def collect(self, timeout: float) -> DetectionResult | None:
        """The answer to the oldest submitted picture; None if it has not come within `timeout`
        seconds.

        Raises:
            DetectorError: the detector is gone, silent for longer than its `result_timeout`, or
        answers garbage.
        """
        ...

    def close(self) -> None:
        """End the detector; idempotent."""
        ...
