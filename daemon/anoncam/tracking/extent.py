"""Where one track covers at a timestamp: observed, interpolated, persisting or back-filled."""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from itertools import islice
from typing import NamedTuple

from anoncam.frames.boxes import Box, between, hull
from anoncam.tracking.parameters import Parameters, nanoseconds
from anoncam.tracking.prediction import predict, predict_back
from anoncam.tracking.track import Observation, Track


class Span(NamedTuple):
    """How far a track covers after its last and before its first detection, in nanoseconds."""

    persistence: int
    back_fill: int


def full_span(parameters: Parameters) -> Span:
    """The span of a track of full confidence."""
    return Span(nanoseconds(parameters.persistence), nanoseconds(parameters.look_ahead))


def span_at(
    timestamp: int, confidence: float, results: Sequence[int], parameters: Parameters
) -> Span:
    """The span by confidence, but between two results always as far as to both of them.

    `results` are the timestamps of the results that are remembered, in order.
    """
    part = parameters.low_confidence_back_fill
    persistence = round(nanoseconds(parameters.persistence) * confidence)
    back_fill = round(nanoseconds(parameters.look_ahead) * (part + (1 - part) * confidence))
    place = bisect_left(results, timestamp)
    if 0 < place < len(results):
        persistence = max(persistence, timestamp - results[place - 1])
        back_fill = max(back_fill, results[place] - timestamp)
    return Span(persistence, back_fill)


def is_moment(track: Track, timestamp: int, results: Sequence[int], least: float) -> bool:
    """Whether a detection of the track that scores `least` is in the result nearest to `timestamp`.

    Half-way between two results, both are the nearest.
    """
    place = bisect_left(results, timestamp)
    around = [results[each] for each in (place - 1, place) if 0 <= each < len(results)]
    nearest = min((abs(each - timestamp) for each in around), default=0)
    return any(
        abs(seen.timestamp - timestamp) == nearest and seen.score >= least
        for seen in track.observations
    )


def box_at(track: Track, timestamp: int, span: Span, parameters: Parameters) -> Box | None:
    """The box that the track covers at `timestamp` (nanoseconds); None where it covers nothing."""
    observations = track.observations
    place = bisect_right(observations, timestamp, key=lambda seen: seen.timestamp)
    before = observations[place - 1] if place else None
    after = observations[place] if place < len(observations) else None
    if before is not None and before.timestamp == timestamp:
        return hull(before.box, smooth(observations, before, timestamp, parameters))
    if before is not None and after is not None:
        box = interpolate(observations, before, after, timestamp, parameters)
        if after.timestamp - timestamp <= span.back_fill:
            # What was found before may have been something else. Then this face came from where
            # its own detections say.
            since = islice(observations, place, None)
            box = hull(box, predict_back(since, timestamp, parameters))
        return box
    if before is not None and timestamp - before.timestamp <= span.persistence:
        return persist(observations, timestamp, parameters)
    if (
        after is not None
        and after.timestamp - timestamp <= span.back_fill
        and (track.back_fill_limit is None or timestamp >= track.back_fill_limit)
    ):
        return back_fill(observations, timestamp, parameters)
    return None


def interpolate(
    observations: Sequence[Observation],
    before: Observation,
    after: Observation,
    timestamp: int,
    parameters: Parameters,
) -> Box:
    """The box between two neighbouring observations, with the nearer one whole."""
    part = (timestamp - before.timestamp) / (after.timestamp - before.timestamp)
    # The nearer one may be the first in a while, and the way to it may not be straight.
    nearest = before if part < 0.5 else after
    expected = hull(between(before.box, after.box, part), nearest.box)
    steady = smooth(observations, nearest, timestamp, parameters)
    return hull(expected, steady)


def persist(observations: Sequence[Observation], timestamp: int, parameters: Parameters) -> Box:
    """The box of a lost track: where the face was last, and where it is expected."""
    last = observations[-1]
    return hull(last.box, predict(observations, timestamp, parameters))


def back_fill(observations: Sequence[Observation], timestamp: int, parameters: Parameters) -> Box:
    """The box before the first detection: where the face was first, and where it came from."""
    first = observations[0]
    return hull(first.box, predict_back(observations, timestamp, parameters))


def smooth(
    observations: Sequence[Observation],
    nearest: Observation,
    timestamp: int,
    parameters: Parameters,
) -> Box:
    """The mean of the boxes around `timestamp`, where a steadily moving face is; else `nearest`."""
    window = nanoseconds(parameters.smoothing_window)
    boxes = [seen.box for seen in observations if abs(seen.timestamp - timestamp) <= window]
    boxes = boxes or [nearest.box]
    count = len(boxes)
    left, top, right, bottom = map(sum, zip(*boxes, strict=True))
    return left / count, top / count, right / count, bottom / count
