"""The tracker: joins answers into tracks. It only ever adds coverage to what the detector said (invariant 4)."""

from itertools import count

import numpy as np
from numpy.typing import NDArray

from anoncam.clock import NANOSECONDS
from anoncam.config.schema import CoverageSettings
from anoncam.coverage import CoverBox
from anoncam.coverage.boxes import Boxes, overlaps
from anoncam.coverage.track import Observation, Reach, Track
from anoncam.detectors import Answer

LEAST_OVERLAP = 0.2
"""Intersection over union from which a detection belongs to a track."""


class Tracker:
    """Two thresholds in time: a face is covered from the moment it is sure, with all its less sure moments around.

    A detection at or above the start threshold confirms its track. One between the two thresholds counts where
    it overlaps a confirmed track, or joins others of which one, earlier or later, is at or above the start threshold.
    """

    def __init__(self, settings: CoverageSettings) -> None:
        self._names = count(1)
        self._tracks: list[Track] = []
        self._cut: int | None = None
        self.configure(settings)

    def configure(self, settings: CoverageSettings) -> None:
        """Take other settings, from the next answer on."""
        self._settings = settings
        self._reach = Reach(round(settings.hold * NANOSECONDS), round(settings.look_ahead * NANOSECONDS))

    def cut(self, timestamp: int) -> None:
        """A new scene begins at `timestamp`: no track reaches or is joined over it; what is held stays held."""
        self._cut = timestamp

    def feed(self, answer: Answer) -> None:
        """Take in an answer later than all before it."""
        said = answer.detections[answer.detections[:, 4] >= self._settings.keep_threshold]
        said = said[np.argsort(-said[:, 4], kind="stable")]
        boxes = said[:, :4].astype(np.float64)
        boxes[:, 2:] += boxes[:, :2]
        sure = said[:, 4] >= self._settings.start_threshold
        pairs, near = self._match(boxes, answer.timestamp)
        for number, box in enumerate(boxes):
            track = pairs.get(number) or self._begin()
            left, top, right, bottom = box.tolist()
            track.observations.append(Observation(answer.timestamp, (left, top, right, bottom)))
            track.confirmed |= bool(sure[number] or near[number])

    def coverage(self, timestamp: int) -> tuple[CoverBox, ...]:
        """The boxes to cover at `timestamp`."""
        boxes = ((track.key, track.cover(timestamp, self._reach)) for track in self._tracks if track.confirmed)
        return tuple(CoverBox(box, key) for key, box in boxes if box is not None)

    def forget(self, before: int) -> None:
        """Drop what no moment from `before` on needs, so that memory stays bounded."""
        self._tracks = [track for track in self._tracks if before - track.last.timestamp <= self._reach.hold]
        for track in self._tracks:
            track.forget(before)

    def _begin(self) -> Track:
        track = Track(f"track {next(self._names)}", self._cut)
        self._tracks.append(track)
        return track

    def _match(self, boxes: Boxes, timestamp: int) -> tuple[dict[int, Track], NDArray[np.bool_]]:
        """Which track each box continues, best overlap first, and which boxes overlap any confirmed track."""
        alive = [track for track in self._tracks if self._continues(track, timestamp)]
        if not alive or not len(boxes):
            return {}, np.zeros(len(boxes), bool)
        predicted = np.array([track.predict(timestamp) for track in alive])
        latest = np.array([track.last.box for track in alive])
        shared = np.maximum(overlaps(boxes, predicted), overlaps(boxes, latest))
        confirmed = np.array([track.confirmed for track in alive])
        near = np.asarray((shared[:, confirmed] >= LEAST_OVERLAP).any(axis=1))
        pairs: dict[int, Track] = {}
        taken: set[int] = set()
        for flat in np.argsort(-shared, axis=None, kind="stable"):
            number, place = divmod(int(flat), len(alive))
            if shared[number, place] < LEAST_OVERLAP:
                break
            if number not in pairs and place not in taken:
                pairs[number] = alive[place]
                taken.add(place)
        return pairs, near

    def _continues(self, track: Track, timestamp: int) -> bool:
        over_a_cut = self._cut is not None and track.last.timestamp < self._cut
        return not over_a_cut and 0 < timestamp - track.last.timestamp <= self._reach.hold
