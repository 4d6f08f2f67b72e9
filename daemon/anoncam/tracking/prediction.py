"""Constant velocity: where a face is expected before its first and after its last detection."""

import math
from collections.abc import Iterable, Sequence

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
    seen = iter(observations)
    start = next(seen)
    other, seen_for = _clearly_moved(start, seen, parameters)
    span = start.timestamp - other.timestamp
    if not span:
        return start.box
    limit = min(seen_for, 2 * abs(span), nanoseconds(parameters.motion_limit))
    steps = max(-limit, min(limit, timestamp - start.timestamp)) / span
    x, y = _way(other, start)
    return moved(start.box, x * steps, y * steps)


def _clearly_moved(
    start: Observation, others: Iterable[Observation], parameters: Parameters
) -> tuple[Observation, int]:
    """The first one from which the way to `start` is much longer than jitter, else the last.

    A fast face may have stopped or turned within the window: the nearest tell how fast it was.

    Returns:
        The observation, and the nanoseconds from `start` to the last one in the motion window.
    """
    window = nanoseconds(parameters.motion_window)
    left, top, right, bottom = start.box
    clear_way = parameters.clear_way * math.sqrt((right - left) * (bottom - top))
    found, last, is_clear = start, start, False
    for each in others:
        if abs(each.timestamp - start.timestamp) > window:
            break
        last = each
        if not is_clear:
            found, is_clear = each, math.hypot(*_way(start, each)) >= clear_way
    return found, abs(start.timestamp - last.timestamp)


def _way(start: Observation, end: Observation) -> tuple[float, float]:
    """From the centre of one to the centre of the other, in pixels."""
    return (
        (end.box[0] + end.box[2] - start.box[0] - start.box[2]) / 2,
        (end.box[1] + end.box[3] - start.box[1] - start.box[3]) / 2,
    )
