"""Faces too fast to overlap themselves from one result to the next."""

from collections.abc import Sequence

import numpy as np

from anoncam.frames.boxes import Boxes
from anoncam.tracking.parameters import Parameters
from anoncam.tracking.track import Track


def hand_over(
    boxes: Boxes, unmatched: Sequence[int], lost: Sequence[Track], parameters: Parameters
) -> dict[int, Track]:
    """From which lost track each unmatched detection may have come, the nearest first.

    `unmatched` numbers the boxes that continue no track. `lost` are tracks that the result before
    had and this one lacks: only their faces can have moved on. The detection begins a track of
    its own, and inherits the last box and the confirmation score: it may be another face.
    """
    if not unmatched or not lost:
        return {}
    here, there = boxes[list(unmatched)], np.array([track.last.box for track in lost])
    sizes, sizes_there = ((each[:, 2:] - each[:, :2]).prod(axis=1) ** 0.5 for each in (here, there))
    larger, smaller = np.maximum.outer(sizes, sizes_there), np.minimum.outer(sizes, sizes_there)
    way = (here[:, None, :2] + here[:, None, 2:] - there[None, :, :2] - there[None, :, 2:]) / 2
    with np.errstate(divide="ignore", invalid="ignore"):  # a box may have no area
        far = np.hypot(way[..., 0], way[..., 1]) / smaller
    unlike = larger > parameters.hand_over_size_ratio * smaller
    far[unlike | (far > parameters.hand_over_distance)] = np.inf
    origins: dict[int, Track] = {}
    taken: set[int] = set()
    for flat in np.argsort(far, axis=None, kind="stable")[: np.isfinite(far).sum()].tolist():
        number, place = divmod(flat, len(lost))
        if unmatched[number] not in origins and place not in taken:
            origins[unmatched[number]] = lost[place]
            taken.add(place)
    return origins
