"""How tracks heed scene cuts: no track is continued or back-filled over one."""

from collections.abc import Iterable

from anoncam.motion.scene_cuts import Replacement
from anoncam.tracking.track import Track


def is_same_scene(earlier: int, later: int, cuts: Iterable[int]) -> bool:
    """Whether `earlier` is earlier than `later`, and no scene begins between them."""
    return earlier < later and not any(earlier < cut <= later for cut in cuts)


def scene_start(timestamp: int, cuts: Iterable[int]) -> int | None:
    """When the scene of `timestamp` began; None if no cut before it is known."""
    return max((cut for cut in cuts if cut <= timestamp), default=None)


def is_of_replaced_scene(track: Track, scene: Replacement, timestamp: int) -> bool:
    """Whether the track was seen last in that scene, which is replaced by `timestamp`."""
    return scene.since <= track.last.timestamp < scene.timestamp <= timestamp
