"""Which track each detection continues."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from anoncam.frames.boxes import Box, Boxes, overlaps
from anoncam.tracking.parameters import Parameters
from anoncam.tracking.prediction import predict
from anoncam.tracking.scenes import is_same_scene
from anoncam.tracking.track import Track

Overlaps = NDArray[np.float64]
"""Intersection over union, of shape (detections, tracks)."""


@dataclass(frozen=True)
class Association:
    """`tracks` by the number of the detection that continues them.

    `on_confirmed`, of shape (n,), marks the detections that overlap a confirmed track, whether they
    continue it or not.
    """

    tracks: dict[int, Track]
    on_confirmed: NDArray[np.bool_]


def associate(
    boxes: Boxes,
    persisting: Sequence[tuple[Track, Box]],
    timestamp: int,
    cuts: Iterable[int],
    parameters: Parameters,
) -> Association:
    """Pair detections with the tracks that persist, and the boxes that these cover, by overlap.

    As in ByteTrack, detections between the two thresholds continue tracks too. A detection on a
    confirmed track counts even over a cut, but continues only tracks of its own scene.
    """
    if not persisting or not len(boxes):
        return Association({}, np.zeros(len(boxes), bool))
    shared = overlaps_with_tracks(boxes, persisting, timestamp, parameters)
    confirmed = np.array([track.confirmed for track, _ in persisting])
    on_confirmed = (shared[:, confirmed] >= parameters.least_overlap).any(axis=1)
    other_scene = [
        not is_same_scene(track.last.timestamp, timestamp, cuts) for track, _ in persisting
    ]
    shared[:, other_scene] = 0
    pairs = match(shared, parameters.least_overlap)
    return Association(
        {number: persisting[place][0] for number, place in pairs.items()}, np.asarray(on_confirmed)
    )


def overlaps_with_tracks(
    boxes: Boxes, persisting: Sequence[tuple[Track, Box]], timestamp: int, parameters: Parameters
) -> Overlaps:
    """The overlap of each detection with a track's predicted, last or covered box, the largest.

    A face between its last and its predicted place may overlap neither, but what is covered.
    """
    places = (
        [predict(track.observations, timestamp, parameters), track.last.box, box]
        for track, box in persisting
    )
    each = [overlaps(boxes, np.array(alike)) for alike in zip(*places, strict=True)]
    return np.asarray(np.max(each, axis=0))


def match(shared: Overlaps, least: float) -> dict[int, int]:
    """Pairs of a detection and a track that overlap by `least` at least, the largest overlap first.

    Each detection and each track is in one pair at most.
    """
    pairs: dict[int, int] = {}
    taken: set[int] = set()
    numbers, places = np.nonzero(shared >= least)
    best_first = np.argsort(-shared[numbers, places], kind="stable")
    for number, place in zip(
        numbers[best_first].tolist(), places[best_first].tolist(), strict=True
    ):
        if number not in pairs and place not in taken:
            pairs[number] = place
            taken.add(place)
    return pairs
