"""Every number that the tracker's rules go by, with its reason."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from anoncam.clock import NANOSECONDS
from anoncam.config.schema import CoverageSettings


@dataclass(frozen=True, kw_only=True)
class Parameters:
    """Thresholds, times and ratios of the tracker.

    Times are in seconds. Scores are calibrated ones (see `score_calibration`), but `least_score`.
    What has no default is configured. The others were chosen with `tools.leakrate`;
    `docs/evidence.md` says what they buy.
    """

    start_threshold: float
    """The high threshold: one detection with this score confirms its track."""
    keep_threshold: float
    """The low threshold: a detection below it counts for nothing."""
    least_score: float
    """The uncalibrated score below which a detection is left out, to save time."""
    persistence: float
    """A lost track covers for so long after its last detection."""
    look_ahead: float
    """A track covers for so long before its first detection: frames wait no longer."""

    moment_part: float = 0.45
    """Part of the start threshold from which a single detection covers its moment, half-way to the
    results before and after. A short moment costs little area, even where there is no face."""

    new_part: float = 0.8
    """Part of the start threshold from which a detection where the result before had none has
    results come more often: lower ones come and go in most pictures."""

    least_overlap: float = 0.2
    """Intersection over union from which a detection belongs to a track: small boxes jitter."""

    hand_over_distance: float = 3.0
    """How far a fast face may go between two results, in sizes of the face. On the demo's fastest
    pan it goes 2, at 7 results a second."""
    hand_over_size_ratio: float = 1.5
    """Ratio of sizes up to which two boxes may be one fast face: the border cuts one that leaves
    to half its area."""

    max_detections: int = 500
    """Detections in one result above which they are noise: crowds have hundreds, pictures of
    coloured grain gave up to 1700."""
    max_tracks: int = 2 * max_detections
    """Tracks at once: each costs time at every frame, and noise begins new ones all the time."""

    confirmation_base: float = 0.5
    """Confirmation score that the smallest face needs, in parts of the start threshold. If it is no
    face, little is covered falsely."""
    confirmation_per_size: float = 6.0
    """What a face as large as the picture needs in addition. Large faces rarely score low, and a
    false one covers as much as hundreds of small ones."""
    confirmation_half_life: float = 1.0
    """Time after which a score counts half: what looks like a face now and then is none."""
    full_score_interval: float = 0.1
    """Time between two detections from which the second counts in full. Within less time, both show
    the same."""
    max_score_interval: float = 0.4
    """Time for which one detection counts at most, where results are rarer than
    `full_score_interval`: a slow detector must not leave a face uncovered."""

    low_confidence: float = 0.15
    """Confidence in a track that only its confirmation score has confirmed: it is wrong more often,
    so it covers for a shorter time before and after its detections."""
    low_confidence_back_fill: float = 0.25
    """Part of the look-ahead that a track without any confidence back-fills."""

    motion_window: float = 0.4
    """Time over which a face's velocity is measured: boxes jitter from one result to the next."""
    clear_way: float = 0.5
    """Way, in sizes of the face, from which its velocity is measured in less time: jitter is a
    small part of it."""
    motion_limit: float = 0.3
    """Time for which a velocity is extrapolated: later a face may have stopped or turned round."""
    smoothing_window: float = 0.15
    """Time on each side over which boxes are averaged, to cover what a jittering one leaves out."""

    small_size: float = 0.12
    """Size of a face, as a part of the picture's, below which its score is raised: detectors are
    less sure of small faces."""
    smallest_size: float = 0.03
    """Size at and below which the score is doubled."""
    crowd_prior: float = 0.4
    """Part by which one other face of like size raises a score. Three faces raise it by twice that:
    faces are seldom alone."""
    max_crowd: int = 3
    """Faces of like size that count: a larger crowd adds no certainty."""
    crowd_size_ratio: float = 1.35
    """Ratio of widths and heights up to which faces are of like size, as those of one crowd are."""


def parameters_of(settings: CoverageSettings) -> Parameters:
    """The tracker's parameters under these settings."""
    return Parameters(
        # Rounded as the detector stores its scores, so that a score of exactly the threshold
        # reaches it.
        start_threshold=float(np.float32(settings.start_threshold)),
        keep_threshold=float(np.float32(settings.keep_threshold)),
        least_score=settings.least_score,
        persistence=settings.persistence,
        look_ahead=settings.look_ahead,
    )


# Each track asks for the same few times at every frame.
@lru_cache
def nanoseconds(seconds: float) -> int:
    """A time of the parameters, in the unit of timestamps."""
    return round(seconds * NANOSECONDS)
