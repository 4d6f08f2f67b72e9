"""The tracker: joins answers into tracks. It only ever adds coverage to what the detector said
(invariant 4).
"""

import math
from bisect import bisect_left
from collections import deque
from itertools import count

import numpy as np
from numpy.typing import NDArray

from anoncam.clock import NANOSECONDS
from anoncam.config.schema import CoverageSettings
from anoncam.detectors.detector import DetectionResult
from anoncam.frames.boxes import Box, Boxes, outermost, overlaps
from anoncam.motion.camera_motion import CameraPath, Motion
from anoncam.motion.scene_cuts import Replacement
from anoncam.tracking.coverage import CoverBox
from anoncam.tracking.score_calibration import Values, count_similar, worth
from anoncam.tracking.track import Observation, Reach, Track

LEAST_OVERLAP = 0.2
"""Intersection over union from which a detection belongs to a track."""

FARTHEST_LEAP = 3.0
"""Sizes of a face that it may go from one answer to the next without overlapping itself: on the
demo's fastest pan it goes two, at seven answers a second."""

MOST_UNLIKE = 1.5
"""Ratio of sizes up to which two boxes may be one face that has gone so far: one that leaves is cut
to half."""

MOST_FACES = 500
"""Detections of one moment beyond which they count as noise: a crowd of hundreds fits, pictures of
nothing but coloured grain gave up to 1700."""

MOST_TRACKS = 2 * MOST_FACES
"""Tracks at once; each costs time at every frame, and noise begins new ones with every answer."""

EVIDENCE, EVIDENCE_LARGE = 0.5, 6.0
"""How much evidence makes a track sure, in parts of the start threshold: for the smallest face, and
how much more for one as large as the picture. A large face is seen well: what scores little is
rarely one, and covers as much in vain as hundreds of small ones."""

UNSURE = 0.15
"""The most certainty of a track that has evidence enough, and was never sure by a single
detection."""

UNSURE_AHEAD = 0.25
"""The part of the look-ahead over which a track of no certainty reaches back."""


class Tracker:
    """Two thresholds in time: a face is covered from the moment it is sure, with all its less sure
    moments around.

    A detection at or above the start threshold confirms its track. One between the two thresholds
    counts where it overlaps a confirmed track, or joins others, earlier or later, of which one is
    at or above the start threshold or all together are evidence enough.

    What is compared with the thresholds is what a score is worth: see
    `anoncam.tracking.score_calibration`.

    `picture_area` is in pixels; as long as nobody has told it, all faces count as small.
    """

    def __init__(self, settings: CoverageSettings) -> None:
        self.picture_area: float = math.inf
        self._names = count(1)
        self._tracks: list[Track] = []
        # Moments, in order, as far back as anything depends on them.
        self._answers: deque[int] = deque()
        self._cuts: deque[int] = deque()
        self._gone: deque[Replacement] = deque()
        # Tracks and their boxes are in coordinates of the world: see `camera`.
        self._camera = CameraPath()
        self.configure(settings)

    def configure(self, settings: CoverageSettings) -> None:
        """Take other settings, from the next answer on."""
        self._settings = settings
        # As the detector stores its scores, so that one of exactly the threshold reaches it.
        self._start = float(np.float32(settings.start_threshold))
        self._keep = float(np.float32(settings.keep_threshold))
        self._reach = Reach(
            round(settings.persistence * NANOSECONDS), round(settings.look_ahead * NANOSECONDS)
        )

    def cut(self, timestamp: int) -> None:
        """A new scene begins at `timestamp`: no track reaches or is joined over it; what is held
        stays held.

        Frames are captured before they are examined: answers to frames from before the cut may
        still come.
        """
        self._cuts.append(timestamp)

    def leave(self, scene: Replacement) -> None:
        """A scene has gone for good: what was seen in it is not held where the next one shows
        something else.
        """
        self._gone.append(scene)

    def move(self, timestamp: int, motion: Motion) -> None:
        """The camera has moved so from the frame before to that of `timestamp`, later than all
        before it.
        """
        self._camera.move(timestamp, motion)

    def feed(self, answer: DetectionResult) -> bool:
        """Take in an answer later than all before it.

        Returns:
            Whether it was taken in; false where it says more than can be covered one by one. What
            it would have added before and after its moment is then missing.
        """
        boxes, sizes, scores = self._weigh(answer)
        sure = scores >= self._start
        if len(boxes) > MOST_FACES:
            return False
        pairs, near = self._match(boxes, answer.timestamp)
        if len(self._tracks) + len(boxes) - len(pairs) > MOST_TRACKS:
            return False
        leaps = self._leaps(boxes, pairs, answer.timestamp)
        gap = (answer.timestamp - self._answers[-1]) / NANOSECONDS if self._answers else 0.0
        self._answers.append(answer.timestamp)
        enough = self._start * (EVIDENCE + EVIDENCE_LARGE * sizes)
        for number, box in enumerate(boxes):
            reaches_back = bool(sure[number] or not near[number])
            track = pairs.get(number) or self._begin(
                answer.timestamp, leaps.get(number), reaches_back=reaches_back
            )
            left, top, right, bottom = box.tolist()
            track.add(
                Observation(answer.timestamp, (left, top, right, bottom)),
                float(scores[number]),
                gap,
            )
            part = min(1.0, track.evidence / enough[number])
            track.certainty = max(track.certainty, 1.0 if sure[number] else UNSURE * part)
            track.confirmed |= bool(near[number] or sure[number] or part == 1.0)
        return True

    def coverage(self, timestamp: int) -> tuple[CoverBox, ...]:
        """The boxes to cover at `timestamp`; what lies within another one needs no box of its
        own.
        """
        boxes = (
            (track.key, self._cover(track, timestamp, track.certainty))
            for track in self._tracks
            if track.confirmed
        )
        covers = [
            CoverBox(self._camera.to_picture(box, timestamp), key)
            for key, box in boxes
            if box is not None
        ]
        if not covers:
            return ()
        outer = outermost(np.array([cover.box for cover in covers]))
        return tuple(
            cover for cover, is_outer in zip(covers, outer.tolist(), strict=True) if is_outer
        )

    def forget(self, before: int) -> None:
        """Drop what no moment from `before` on needs, so that memory stays bounded."""
        for moments in (self._answers, self._cuts):
            while len(moments) > 1 and moments[1] <= before:
                moments.popleft()
        # Until the next answer comes, what the last one saw is between two answers.
        oldest = min(
            before - self._reach.persistence, self._answers[0] if self._answers else before
        )
        while self._gone and self._gone[0].timestamp < oldest:
            self._gone.popleft()
        self._tracks = [track for track in self._tracks if track.last.timestamp >= oldest]
        for track in self._tracks:
            track.forget(before)
        self._camera.forget(before)
        if self._camera.is_far or not self._tracks:
            moved = self._camera.begin_again()
            for track in self._tracks:
                track.move(moved)

    def _weigh(self, answer: DetectionResult) -> tuple[Boxes, Values, Values]:
        """What counts of an answer, best first: boxes, sizes in parts of the picture, and what the
        scores are worth.
        """
        said = answer.detections[answer.detections[:, 4] >= self._settings.least_score].astype(
            np.float64
        )
        sizes = np.sqrt(said[:, 2] * said[:, 3] / self.picture_area)
        boxes = said[:, :4]
        boxes[:, 2:] += boxes[:, :2]
        boxes = self._camera.to_world(boxes, answer.timestamp)
        scores = worth(
            said[:, 4], sizes, count_similar(boxes, self._surely_there(answer.timestamp))
        )
        best = np.argsort(-scores, kind="stable")
        best = best[scores[best] >= self._keep]
        return boxes[best], sizes[best], scores[best]

    def _surely_there(self, timestamp: int) -> Boxes:
        """Where faces of this scene were seen last that a detection was sure of, and that are held
        at `timestamp`.
        """
        since = max(
            [timestamp - self._reach.persistence, *(cut for cut in self._cuts if cut <= timestamp)]
        )
        sure = [
            track.last.box
            for track in self._tracks
            if track.certainty > UNSURE and track.last.timestamp >= since
        ]
        return np.array(sure, np.float64).reshape(-1, 4)

    def _begin(self, timestamp: int, origin: Track | None, *, reaches_back: bool) -> Track:
        """A new track, with the evidence of `origin` and from where that was seen last: they may be
        the same face.
        """
        born_after = max((cut for cut in self._cuts if cut <= timestamp), default=None)
        # What counts only since another track covers there already was not found late.
        track = Track(f"track {next(self._names)}", born_after if reaches_back else timestamp)
        if origin is not None:
            track.observations.append(origin.last)
            track.evidence = origin.evidence
        self._tracks.append(track)
        return track

    def _cover(self, track: Track, timestamp: int, certainty: float) -> Box | None:
        """Where the track covers: between two answers at least as far as to both of them, however
        far apart.
        """
        if self._gone and any(self._is_left(track, scene, timestamp) for scene in self._gone):
            return None
        persistence = round(self._reach.persistence * certainty)
        look_ahead = round(self._reach.look_ahead * (UNSURE_AHEAD + (1 - UNSURE_AHEAD) * certainty))
        place = bisect_left(self._answers, timestamp)
        if 0 < place < len(self._answers):
            persistence = max(persistence, timestamp - self._answers[place - 1])
            look_ahead = max(look_ahead, self._answers[place] - timestamp)
        return track.cover(timestamp, Reach(persistence, look_ahead))

    def _is_left(self, track: Track, scene: Replacement, timestamp: int) -> bool:
        """Whether the track belongs to a scene that is gone at `timestamp`, with all that was where
        it is held.
        """
        if not scene.since <= track.last.timestamp < scene.timestamp <= timestamp:
            return False
        if scene.timestamp not in track.left:
            held = track.cover(scene.timestamp, self._reach)
            track.left[scene.timestamp] = held is not None and scene.replaces(
                self._camera.to_picture(held, scene.timestamp)
            )
        return track.left[scene.timestamp]

    def _match(self, boxes: Boxes, timestamp: int) -> tuple[dict[int, Track], NDArray[np.bool_]]:
        """Which track each box continues, best overlap first, and which boxes overlap any confirmed
        track.
        """
        covers = ((track, self._cover(track, timestamp, 1.0)) for track in self._tracks)
        held = [(track, box) for track, box in covers if box is not None]
        if not held or not len(boxes):
            return {}, np.zeros(len(boxes), bool)
        # A face between where it was and where it is expected may overlap neither, but what is
        # covered meanwhile.
        places = ([track.predict(timestamp), track.last.box, box] for track, box in held)
        shared = np.max(
            [overlaps(boxes, np.array(alike)) for alike in zip(*places, strict=True)], axis=0
        )
        confirmed = np.array([track.confirmed for track, _ in held])
        near = np.asarray((shared[:, confirmed] >= LEAST_OVERLAP).any(axis=1))
        shared[:, [not self._continues(track, timestamp) for track, _ in held]] = 0
        pairs: dict[int, Track] = {}
        taken: set[int] = set()
        numbers, places_held = np.nonzero(shared >= LEAST_OVERLAP)
        best_first = np.argsort(-shared[numbers, places_held], kind="stable")
        for number, place in zip(
            numbers[best_first].tolist(), places_held[best_first].tolist(), strict=True
        ):
            if number not in pairs and place not in taken:
                pairs[number] = held[place][0]
                taken.add(place)
        return pairs, near

    def _leaps(self, boxes: Boxes, pairs: dict[int, Track], timestamp: int) -> dict[int, Track]:
        """From which track each box that continues none may have come, too fast to overlap it: the
        nearest first.

        Only a face that the last answer saw and this one does not see there any more can have gone
        elsewhere.
        """
        left = [number for number in range(len(boxes)) if number not in pairs]
        paired = set(map(id, pairs.values()))
        last = self._answers[-1] if self._answers else timestamp
        lost = [
            track
            for track in self._tracks
            if track.last.timestamp == last
            and id(track) not in paired
            and self._continues(track, timestamp)
        ]
        if not left or not lost:
            return {}
        here, there = boxes[left], np.array([track.last.box for track in lost])
        sizes, sizes_there = (
            (each[:, 2:] - each[:, :2]).prod(axis=1) ** 0.5 for each in (here, there)
        )
        way = (here[:, None, :2] + here[:, None, 2:] - there[None, :, :2] - there[None, :, 2:]) / 2
        far = np.hypot(way[..., 0], way[..., 1]) / np.minimum.outer(sizes, sizes_there)
        unlike = np.maximum.outer(sizes, sizes_there) > MOST_UNLIKE * np.minimum.outer(
            sizes, sizes_there
        )
        far[unlike | (far > FARTHEST_LEAP)] = np.inf
        leaps: dict[int, Track] = {}
        taken: set[int] = set()
        for flat in np.argsort(far, axis=None, kind="stable")[: np.isfinite(far).sum()].tolist():
            number, place = divmod(flat, len(lost))
            if left[number] not in leaps and place not in taken:
                leaps[left[number]] = lost[place]
                taken.add(place)
        return leaps

    def _continues(self, track: Track, timestamp: int) -> bool:
        since = track.last.timestamp
        return since < timestamp and not any(since < cut <= timestamp for cut in self._cuts)
