"""What to cover in one frame."""

from dataclasses import dataclass, field
from enum import StrEnum

from anoncam.frames.boxes import Box


class Reason(StrEnum):
    """Why a box is covered."""

    SURE = "sure"
    """A detection of its track reached the start threshold."""
    SUM = "sum"
    """Its track was confirmed by its confirmation score, or by a confirmed one that it overlaps."""
    MOMENT = "moment"
    """Its track is not confirmed, and one detection nearby reached the moment threshold."""
    PERSISTED = "persisted"
    """Its track had no detection yet, or none any more."""
    BY_HAND = "by hand"


@dataclass(frozen=True)
class CoverBox:
    """One box to cover. Boxes with the same `key`, that of a track, get the same random tones.

    `score` (0 to 1, the highest calibrated one of its track so far) and `reason` are for people:
    what is covered does not depend on them, and boxes are equal without them.
    """

    box: Box
    key: str
    score: float = field(default=1.0, compare=False)
    reason: Reason = field(default=Reason.BY_HAND, compare=False)


@dataclass(frozen=True)
class Coverage:
    """What to cover in one frame: `boxes`, or all of it if `veil`, the reason, is not empty."""

    boxes: tuple[CoverBox, ...] = ()
    veil: str = ""
