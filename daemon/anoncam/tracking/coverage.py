"""What to cover at each moment: tracks, look-ahead, and whether a moment was examined at all."""

from dataclasses import dataclass

from anoncam.frames.boxes import Box


@dataclass(frozen=True)
class CoverBox:
    """One box to cover; what has the same `key` (a track) gets the same random tones."""

    box: Box
    key: str


@dataclass(frozen=True)
class Coverage:
    """What to cover in one frame. `veil` says why the whole frame is covered; it is empty where it
    is not.
    """

    boxes: tuple[CoverBox, ...] = ()
    veil: str = ""
