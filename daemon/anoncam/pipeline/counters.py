"""What the pipeline counts."""

from dataclasses import dataclass


@dataclass
class Counters:
    """Totals since the start; each is written by one thread only.

    `faces_covered` counts boxes in recorded frames: one face in ten frames is ten.
    """

    captured: int = 0
    dropped: int = 0
    inferred: int = 0
    recorded: int = 0
    veiled: int = 0
    damaged: int = 0
    """Pictures that the source could not decode, or not wholly."""
    losses: int = 0
    """How often a source was lost, or could not be opened."""
    faces_covered: int = 0
    silence: float = 0.0
    """Seconds that the source may be silent before it counts as lost; 0 if it cannot get lost."""
    faces: int = 0
    """Faces covered in the newest recorded frame."""
    veil: str = ""
    """Why frames are veiled now, or were less than a second ago; else empty."""
