"""One face through time."""

import math
from collections import deque
from dataclasses import dataclass, field, replace

from anoncam.clock import NANOSECONDS
from anoncam.frames.boxes import Box
from anoncam.motion.camera_motion import Motion
from anoncam.tracking.coverage import Reason


@dataclass(frozen=True)
class Observation:
    """A detection that belongs to a track; its box is in coordinates of the world.

    Its `score` is calibrated.
    """

    timestamp: int
    box: Box
    score: float = 0.0


@dataclass(eq=False)
class Track:
    """Detections of one face, oldest first.

    A track is tentative until it is `confirmed`; until then it covers at most the moments of its
    detections. It is lost while results come without it, and removed when its persistence is over.

    `confirmation_score` is the decaying sum of its calibrated scores. `confidence`, from 0 to 1,
    says which part of the persistence and the look-ahead it covers. `score` is its highest
    calibrated score, and it `is_sure` once that has reached the start threshold. It back-fills
    nothing before `back_fill_limit`, if that is not None. `replaced` holds, by the
    timestamp of a scene that replaced another, whether it shows something else where the track
    persists.
    """

    key: str
    back_fill_limit: int | None = None
    confirmed: bool = False
    confirmation_score: float = 0.0
    confidence: float = 0.0
    score: float = 0.0
    is_sure: bool = False
    replaced: dict[int, bool] = field(default_factory=dict)
    observations: deque[Observation] = field(default_factory=deque)

    @property
    def last(self) -> Observation:
        """The newest detection."""
        return self.observations[-1]

    def reason(self, timestamp: int) -> Reason:
        """Why it covers at `timestamp`, where it does."""
        if not self.confirmed:
            return Reason.MOMENT
        if not self.observations[0].timestamp <= timestamp <= self.last.timestamp:
            return Reason.PERSISTED
        return Reason.SURE if self.is_sure else Reason.SUM

    def seconds_since_last(self, timestamp: int) -> float:
        """The time since the newest detection; infinite if there is none."""
        if not self.observations:
            return math.inf
        return (timestamp - self.last.timestamp) / NANOSECONDS

    def forget(self, before: int) -> None:
        """Drop detections older than `before`, all but the newest of them."""
        while len(self.observations) > 1 and self.observations[1].timestamp <= before:
            self.observations.popleft()

    def move(self, motion: Motion) -> None:
        """Change the coordinates of all detections."""
        self.observations = deque(
            replace(seen, box=motion.move(seen.box)) for seen in self.observations
        )
