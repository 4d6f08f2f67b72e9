"""One face through time, and where it is covered at any moment."""

import math
from collections import deque
from dataclasses import dataclass, field

from anoncam.clock import NANOSECONDS
from anoncam.frames.boxes import Box, between, grown, hull, moved
from anoncam.motion.camera_motion import Motion

MOTION_WINDOW = 0.4
"""Seconds of the past (or the future) from which the velocity of a face is read."""

MOTION_REACH = 0.3
"""Seconds for which a velocity is believed; then a face may have stopped or turned round, so the
box stands."""

GROWTH = 0.1
"""Parts of its size by which a box grows on every side for each second between it and the nearest
detection."""

MOST_GROWTH = 0.05

STEADY_WINDOW = 0.15
"""Seconds before and after a moment over which the box is averaged, to cover what it lacks where it
jitters."""


EVIDENCE_HALVES = 1.0
"""Seconds after which the score of a detection counts half: what is taken for a face now and then
is none."""

EVIDENCE_APART = 0.1
"""Seconds between detections from which each counts in full: nearer ones see the same again."""

MOST_EVIDENCE_APART = 0.4
"""Seconds for which a detection counts at most, where answers are further apart than
`EVIDENCE_APART`: a slow machine must not leave a face uncovered for being asked less often."""


@dataclass(frozen=True)
class Observation:
    """A detection that belongs to a track."""

    timestamp: int
    box: Box


@dataclass(frozen=True)
class Reach:
    """How far a track covers beyond its detections, in nanoseconds."""

    persistence: int
    look_ahead: int


@dataclass(eq=False)
class Track:
    """Detections of one face, oldest first.

    `confirmed` tells whether it counts as a face: only then the track covers anything. `evidence`
    is the sum of its scores, the older the less. `certainty` is 1 where a detection made it sure by
    itself, and little where evidence
    did: the less, the shorter the track is held, and the less far it reaches back. `born_after` is
    a moment over which it does not reach back, such as the last scene cut before the first
    detection. `left` tells, by the moment of a cut, whether that has replaced all that was where
    the track is held.
    """

    key: str
    born_after: int | None = None
    confirmed: bool = False
    evidence: float = 0.0
    certainty: float = 0.0
    left: dict[int, bool] = field(default_factory=dict)
    observations: deque[Observation] = field(default_factory=deque)

    @property
    def last(self) -> Observation:
        """The newest detection."""
        return self.observations[-1]

    def add(self, seen: Observation, score: float, gap: float) -> None:
        """Take in a detection later than all before it, `gap` seconds after the answer before."""
        since = (
            (seen.timestamp - self.last.timestamp) / NANOSECONDS if self.observations else math.inf
        )
        counts_for = min(since, max(EVIDENCE_APART, min(gap, MOST_EVIDENCE_APART)))
        self.evidence = (
            self.evidence * 0.5 ** (since / EVIDENCE_HALVES) + score * counts_for / EVIDENCE_APART
        )
        self.observations.append(seen)

    def predict(self, timestamp: int) -> Box:
        """Where the face of the newest detection is expected at `timestamp`, later than it."""
        return self._extrapolate(self.last, self._earlier_than_last(), timestamp)

    def cover(self, timestamp: int, reach: Reach) -> Box | None:
        """The box to cover at `timestamp`; never smaller than what was detected then; None where
        out of reach.
        """
        before = after = None
        for observation in self.observations:
            if observation.timestamp <= timestamp:
                before = observation
            else:
                after = observation
                break
        if before is not None and before.timestamp == timestamp:
            return hull(before.box, self._steady(timestamp, before))
        if before is not None and after is not None:
            part = (timestamp - before.timestamp) / (after.timestamp - before.timestamp)
            distance = min(timestamp - before.timestamp, after.timestamp - timestamp)
            # The nearer detection too: it may be the first in a while, and the way to it not
            # straight.
            nearest = before if part < 0.5 else after
            expected = hull(between(before.box, after.box, part), nearest.box)
            return grown(hull(expected, self._steady(timestamp, nearest)), _growth(distance))
        if before is not None and timestamp - before.timestamp <= reach.persistence:
            expected = self._extrapolate(before, self._earlier_than_last(), timestamp)
            return grown(hull(before.box, expected), _growth(timestamp - before.timestamp))
        if (
            after is not None
            and after.timestamp - timestamp <= reach.look_ahead
            and self._reaches_back_to(timestamp)
        ):
            expected = self._extrapolate(after, self._later_than_first(), timestamp)
            return grown(hull(after.box, expected), _growth(after.timestamp - timestamp))
        return None

    def forget(self, before: int) -> None:
        """Drop detections that no moment from `before` on needs, keeping what its motion is read
        from.
        """
        horizon = before - round(MOTION_WINDOW * NANOSECONDS)
        while len(self.observations) > 1 and self.observations[1].timestamp <= horizon:
            self.observations.popleft()

    def move(self, motion: Motion) -> None:
        """Take other coordinates for all detections."""
        self.observations = deque(
            Observation(seen.timestamp, motion.move(seen.box)) for seen in self.observations
        )

    def _steady(self, timestamp: int, nearest: Observation) -> Box:
        """The mean of the boxes around `timestamp`; for a steadily moving face that is where it
        is.
        """
        near = round(STEADY_WINDOW * NANOSECONDS)
        boxes = [
            seen.box for seen in self.observations if abs(seen.timestamp - timestamp) <= near
        ] or [nearest.box]
        left, top, right, bottom = (sum(edge) / len(boxes) for edge in zip(*boxes, strict=True))
        return left, top, right, bottom

    def _reaches_back_to(self, timestamp: int) -> bool:
        return self.born_after is None or timestamp >= self.born_after

    def _earlier_than_last(self) -> Observation:
        horizon = self.last.timestamp - round(MOTION_WINDOW * NANOSECONDS)
        return next(
            observation for observation in self.observations if observation.timestamp >= horizon
        )

    def _later_than_first(self) -> Observation:
        first = self.observations[0]
        horizon = first.timestamp + round(MOTION_WINDOW * NANOSECONDS)
        return next(
            observation
            for observation in reversed(self.observations)
            if observation.timestamp <= horizon
        )

    @staticmethod
    def _extrapolate(start: Observation, other: Observation, timestamp: int) -> Box:
        """`start` moved on at the velocity between it and `other`, for at most `MOTION_REACH`."""
        span = start.timestamp - other.timestamp
        if span == 0:
            return start.box
        limit = min(abs(span), round(MOTION_REACH * NANOSECONDS))
        steps = max(-limit, min(limit, timestamp - start.timestamp)) / span
        x = (start.box[0] + start.box[2] - other.box[0] - other.box[2]) / 2
        y = (start.box[1] + start.box[3] - other.box[1] - other.box[3]) / 2
        return moved(start.box, x * steps, y * steps)


def _growth(distance: int) -> float:
    return min(MOST_GROWTH, GROWTH * distance / NANOSECONDS)
