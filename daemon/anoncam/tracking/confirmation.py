"""When a tentative track is confirmed, and how far a confirmed one is trusted."""

from anoncam.tracking.parameters import Parameters


def add_score(
    before: float, score: float, since: float, interval: float, parameters: Parameters
) -> float:
    """The confirmation score after one more detection: the older a score, the less it counts.

    `before` is the confirmation score of the track's last detection, `since` seconds ago (infinite
    if there is none); `interval` is seconds since the result before.
    """
    longest = max(parameters.full_score_interval, min(interval, parameters.max_score_interval))
    decayed: float = before * 0.5 ** (since / parameters.confirmation_half_life)
    return decayed + score * min(since, longest) / parameters.full_score_interval


def progress(confirmation_score: float, size: float, parameters: Parameters) -> float:
    """How near a track is to being confirmed by its confirmation score; 1 = it is confirmed.

    `size` is the square root of the part of the picture that the face takes.
    """
    needed = parameters.start_threshold * (
        parameters.confirmation_base + parameters.confirmation_per_size * size
    )
    return 1.0 if confirmation_score >= needed else confirmation_score / needed


def confidence(progress: float, *, is_high: bool, parameters: Parameters) -> float:
    """The confidence that a detection gives: 1 from the start threshold on, else little."""
    return 1.0 if is_high else parameters.low_confidence * progress
