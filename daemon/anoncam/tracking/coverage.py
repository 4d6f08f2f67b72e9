"""What to cover in one frame."""

from dataclasses import dataclass

from anoncam.frames.boxes import Box


@dataclass(frozen=True)
class CoverBox:
    """One box to cover. Boxes with the same `key`, that of a track, get the same random tones."""

    box: Box
    key: str


@dataclass(frozen=True)
class Coverage:
    """What to cover in one frame: `boxes`, or all of it where `veil` says why; else it is empty."""

    boxes: tuple[CoverBox, ...] = ()
    veil: str = ""
