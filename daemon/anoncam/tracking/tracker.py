"""The tracker: keeps tracks, and applies the rules of the other modules here to them."""

import math
from collections import deque
from itertools import count

import numpy as np

from anoncam.clock import NANOSECONDS
from anoncam.config.schema import CoverageSettings
from anoncam.detectors.detector import DetectionResult
from anoncam.frames.boxes import Box
from anoncam.motion.camera_motion import Motion
from anoncam.motion.camera_path import CameraPath
from anoncam.motion.scene_cuts import Replacement
from anoncam.tracking.association import Association, associate
from anoncam.tracking.confirmation import add_score, confidence, progress
from anoncam.tracking.coverage import CoverBox
from anoncam.tracking.extent import box_at, full_span, is_moment, span_at
from anoncam.tracking.hand_over import hand_over
from anoncam.tracking.parameters import nanoseconds, parameters_of
from anoncam.tracking.scenes import is_of_replaced_scene, is_same_scene, scene_start
from anoncam.tracking.score_calibration import (
    CalibratedDetection,
    CalibratedDetections,
    calibrate,
    count_similar,
    crowd_since,
    raw_detections,
)
from anoncam.tracking.track import Observation, Track


class Tracker:
    """Joins results into tracks, in the manner of SORT and ByteTrack, and says what they cover.

    It only adds coverage to what was detected (invariant 4). For each result: calibrate the scores,
    associate the detections with tracks, hand over fast faces, begin tentative tracks, confirm.
    A track is confirmed by one detection at or above the start threshold, by one that overlaps a
    confirmed track, or by its confirmation score; then it covers all its detections, earlier ones
    too. Frames wait for that in the look-ahead.

    `picture_area` is in pixels; until it is set, all faces count as small.

    >>> tracker = Tracker(CoverageSettings())
    >>> tracker.add_result(result)
    True
    >>> tracker.coverage(result.timestamp)
    (CoverBox(box=(100.0, 80.0, 140.0, 130.0), key='track 1', score=0.9, reason=...),)
    """

    def __init__(self, settings: CoverageSettings) -> None:
        self.picture_area: float = math.inf
        self._names = count(1)
        self._tracks: list[Track] = []
        # Timestamps, in order, as far back as anything depends on them.
        self._results: deque[int] = deque()
        self._cuts: deque[int] = deque()
        self._replacements: deque[Replacement] = deque()
        # Compensates for the camera's motion: tracks are in coordinates of the world.
        self._camera = CameraPath()
        self.configure(settings)

    def configure(self, settings: CoverageSettings) -> None:
        """Take other settings, from the next result on."""
        self._parameters = parameters_of(settings)

    def begin_scene(self, timestamp: int) -> None:
        """A new scene begins at `timestamp`. Tracks are not continued over it, but persist.

        Results for frames from before it may still come.
        """
        self._cuts.append(timestamp)

    def replace_scene(self, replacement: Replacement) -> None:
        """A scene has been replaced. Its tracks end where the next one shows something else."""
        self._replacements.append(replacement)

    def move_camera(self, timestamp: int, motion: Motion) -> None:
        """The camera has moved by `motion` between the frame before and that of `timestamp`."""
        self._camera.add(timestamp, motion)

    def add_result(self, result: DetectionResult) -> bool:
        """Take in a result later than all before it.

        Returns:
            False if it has too many detections to cover them one by one: it is then left out.
        """
        timestamp, parameters = result.timestamp, self._parameters
        detections = self._calibrate(result)
        new = len(detections.boxes)
        if new > parameters.max_detections:
            return False
        associated = associate(
            detections.boxes, self._persisting(timestamp), timestamp, self._cuts, parameters
        )
        new -= len(associated.tracks)
        if len(self._tracks) + new > parameters.max_tracks:
            return False
        origins = self._hand_over(detections, associated, timestamp)
        interval = (timestamp - self._results[-1]) / NANOSECONDS if self._results else 0.0
        self._results.append(timestamp)
        for number, detection in enumerate(detections.rows()):
            on_confirmed = bool(associated.on_confirmed[number])
            track = associated.tracks.get(number)
            if track is None:
                # Where a confirmed track covers already, a low detection was not found late.
                back_fills = detection.score >= parameters.start_threshold or not on_confirmed
                track = self._begin(timestamp, origins.get(number), back_fills=back_fills)
            self._observe(track, timestamp, detection, interval, on_confirmed=on_confirmed)
        return True

    def coverage(self, timestamp: int) -> tuple[CoverBox, ...]:
        """The boxes to cover at `timestamp`; several of them may cover one face."""
        boxes = (
            (
                track,
                self._box_at(track, timestamp, track.confidence)
                if track.confirmed
                else self._moment(track, timestamp),
            )
            for track in self._tracks
        )
        return tuple(
            CoverBox(
                self._camera.to_picture(box, timestamp),
                track.key,
                track.score,
                track.reason(timestamp),
            )
            for track, box in boxes
            if box is not None
        )

    def forget(self, before: int) -> None:
        """Drop what is not needed from `before` on, so that memory stays bounded."""
        for timestamps in (self._results, self._cuts):
            while len(timestamps) > 1 and timestamps[1] <= before:
                timestamps.popleft()
        # Until the next result comes, what the last one had is between two results.
        oldest = min(
            before - nanoseconds(self._parameters.persistence),
            self._results[0] if self._results else before,
        )
        while self._replacements and self._replacements[0].timestamp < oldest:
            self._replacements.popleft()
        self._tracks = [track for track in self._tracks if track.last.timestamp >= oldest]
        for track in self._tracks:
            track.forget(before - nanoseconds(self._parameters.motion_window))
        self._camera.forget(before)
        if self._camera.is_far or not self._tracks:
            moved = self._camera.rebase()
            for track in self._tracks:
                track.move(moved)

    def _calibrate(self, result: DetectionResult) -> CalibratedDetections:
        parameters = self._parameters
        boxes, sizes, scores = raw_detections(result, self.picture_area, parameters)
        boxes = self._camera.to_world(boxes, result.timestamp)
        since = result.timestamp - nanoseconds(parameters.persistence)
        start = scene_start(result.timestamp, self._cuts)
        since = since if start is None else max(since, start)
        crowd = crowd_since(self._tracks, since, parameters)
        counts = count_similar(boxes, crowd, parameters)
        scores = calibrate(scores, sizes, counts, parameters)
        best = np.argsort(-scores, kind="stable")
        best = best[scores[best] >= parameters.keep_threshold]
        return CalibratedDetections(boxes[best], sizes[best], scores[best])

    def _persisting(self, timestamp: int) -> list[tuple[Track, Box]]:
        """The tracks that a detection at `timestamp` may continue, each with what it covers."""
        boxes = ((track, self._box_at(track, timestamp, 1.0)) for track in self._tracks)
        return [(track, box) for track, box in boxes if box is not None]

    def _hand_over(
        self, detections: CalibratedDetections, associated: Association, timestamp: int
    ) -> dict[int, Track]:
        unmatched = [
            number for number in range(len(detections.boxes)) if number not in associated.tracks
        ]
        matched = set(map(id, associated.tracks.values()))
        before = self._results[-1] if self._results else timestamp
        lost = [
            track
            for track in self._tracks
            if track.last.timestamp == before
            and id(track) not in matched
            and is_same_scene(before, timestamp, self._cuts)
        ]
        return hand_over(detections.boxes, unmatched, lost, self._parameters)

    def _begin(self, timestamp: int, origin: Track | None, *, back_fills: bool) -> Track:
        """A new tentative track, with what `origin` hands over to it."""
        limit = scene_start(timestamp, self._cuts) if back_fills else timestamp
        track = Track(f"track {next(self._names)}", limit)
        if origin is not None:
            track.observations.append(origin.last)
            track.confirmation_score = origin.confirmation_score
        self._tracks.append(track)
        return track

    def _observe(
        self,
        track: Track,
        timestamp: int,
        detection: CalibratedDetection,
        interval: float,
        *,
        on_confirmed: bool,
    ) -> None:
        """Add a detection to its track, `interval` seconds after the result before, and confirm."""
        parameters = self._parameters
        is_high = detection.score >= parameters.start_threshold
        track.confirmation_score = add_score(
            track.confirmation_score,
            detection.score,
            track.seconds_since_last(timestamp),
            interval,
            parameters,
        )
        track.observations.append(Observation(timestamp, detection.box, detection.score))
        part = progress(track.confirmation_score, detection.size, parameters)
        track.confidence = max(
            track.confidence, confidence(part, is_high=is_high, parameters=parameters)
        )
        track.score, track.is_sure = max(track.score, detection.score), track.is_sure or is_high
        track.confirmed |= is_high or on_confirmed or part == 1.0

    def _box_at(self, track: Track, timestamp: int, confidence: float) -> Box | None:
        scenes = self._replacements
        if scenes and any(self._is_replaced(track, scene, timestamp) for scene in scenes):
            return None
        span = span_at(timestamp, confidence, self._results, self._parameters)
        return box_at(track, timestamp, span, self._parameters)

    def _moment(self, track: Track, timestamp: int) -> Box | None:
        least = self._parameters.moment_part * self._parameters.start_threshold
        if track.score < least or not is_moment(track, timestamp, self._results, least):
            return None
        span = span_at(timestamp, 0.0, self._results, self._parameters)
        return box_at(track, timestamp, span, self._parameters)

    def _is_replaced(self, track: Track, scene: Replacement, timestamp: int) -> bool:
        """Whether at `timestamp` another scene shows something else where the track persists."""
        if not is_of_replaced_scene(track, scene, timestamp):
            return False
        if scene.timestamp not in track.replaced:
            box = box_at(track, scene.timestamp, full_span(self._parameters), self._parameters)
            track.replaced[scene.timestamp] = box is not None and scene.replaces(
                self._camera.to_picture(box, scene.timestamp)
            )
        return track.replaced[scene.timestamp]
