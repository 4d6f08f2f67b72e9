"""Constant velocity: where a face is expected before its first and after its last detection."""

import math
from collections.abc import Iterable, Sequence
from itertools import takewhile

from anoncam.frames.boxes import Box, moved
from anoncam.tracking.parameters import Parameters, nanoseconds
from anoncam.tracking.track import Observation


def predict(observations: Sequence[Observation], timestamp: int, parameters: Parameters) -> Box:
    """The box expected at `timestamp`, later than the last observation."""
    return _extrapolate(reversed(observations), timestamp, parameters)


def predict_back(
    observations: Iterable[Observation], timestamp: int, parameters: Parameters
) -> Box:
    """The box expected at `timestamp`, earlier than the first observation."""
    return _extrapolate(observations, timestamp, parameters)


def _extrapolate(
    observations: Iterable[Observation], timestamp: int, parameters: Parameters
) -> Box:
    """The first observation's box, moved on at its velocity.

    It moves for as long as it was seen in the motion window, for twice the time over which its
    velocity was measured, or for the motion limit, whichever is the least.
    """
    window, seen = nanoseconds(parameters.motion_window), iter(observations)
    start = next(seen)
    before = list(takewhile(lambda each: abs(each.timestamp - start.timestamp) <= window, seen))
    if not before:
        return start.box
    other = _clearly_moved(start, before, parameters)
    span = start.timestamp - other.timestamp
    seen_for = abs(start.timestamp - before[-1].timestamp)
    limit = min(seen_for, 2 * abs(span), nanoseconds(parameters.motion_limit))
    steps = max(-limit, min(limit, timestamp - start.timestamp)) / span
    x, y = _way(other, start)
    return moved(start.box, x * steps, y * steps)


def _clearly_moved(
    start: Observation, others: Sequence[Observation], parameters: Parameters
) -> Observation:
    """The first one from which the way to `start` is much longer than jitter, else the last.

    A fast face may have stopped or turned within the window: the nearest tell how fast it was.
    """
    left, top, right, bottom = start.box
    clear_way = parameters.clear_way * math.sqrt((right - left) * (bottom - top))
    return next(
        (each for each in others if math.hypot(*_way(start, each)) >= clear_way), others[-1]
    )


def _way(start: Observation, end: Observation) -> tuple[float, float]:
    """From the centre of one to the centre of the other, in pixels."""
    return (
        (end.box[0] + end.box[2] - start.box[0] - start.box[2]) / 2,
        (end.box[1] + end.box[3] - start.box[1] - start.box[3]) / 2,
    )
