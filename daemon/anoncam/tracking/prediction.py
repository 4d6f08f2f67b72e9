"""Constant velocity: where a face is expected before its first and after its last detection."""

from collections.abc import Sequence

from anoncam.clock import NANOSECONDS
from anoncam.frames.boxes import Box, grown, moved
from anoncam.tracking.parameters import Parameters, nanoseconds
from anoncam.tracking.track import Observation


def predict(observations: Sequence[Observation], timestamp: int, parameters: Parameters) -> Box:
    """The box expected at `timestamp`, later than the last observation."""
    last = observations[-1]
    horizon = last.timestamp - nanoseconds(parameters.motion_window)
    other = next(seen for seen in observations if seen.timestamp >= horizon)
    return _extrapolate(last, other, timestamp, parameters)


def predict_back(
    observations: Sequence[Observation], timestamp: int, parameters: Parameters
) -> Box:
    """The box expected at `timestamp`, earlier than the first observation."""
    first = observations[0]
    horizon = first.timestamp + nanoseconds(parameters.motion_window)
    other = next(seen for seen in reversed(observations) if seen.timestamp <= horizon)
    return _extrapolate(first, other, timestamp, parameters)


def grow(box: Box, distance: int, parameters: Parameters) -> Box:
    """The box, larger by what is unknown `distance` nanoseconds away from the next detection."""
    growth = min(parameters.max_growth, parameters.growth_rate * distance / NANOSECONDS)
    return grown(box, growth)


def _extrapolate(
    start: Observation, other: Observation, timestamp: int, parameters: Parameters
) -> Box:
    """`start`, moved at the velocity between it and `other` for at most the motion limit."""
    span = start.timestamp - other.timestamp
    if span == 0:
        return start.box
    limit = min(abs(span), nanoseconds(parameters.motion_limit))
    steps = max(-limit, min(limit, timestamp - start.timestamp)) / span
    x = (start.box[0] + start.box[2] - other.box[0] - other.box[2]) / 2
    y = (start.box[1] + start.box[3] - other.box[1] - other.box[3]) / 2
    return moved(start.box, x * steps, y * steps)
