"""The counters of one segment: frames, faces, veils, missing frames, provenance."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from anoncam.anonymizer.anonymized_frame import AnonymizedFrame
from anoncam.events.redaction import redact
from anoncam.evidence.provenance import Provenance

MOST_REASONS = 20
"""The number of reasons for a veil that are counted separately; others are counted together."""

OTHER_REASONS = "other reasons"

MOST_CHANGES = 10
"""The number of changes of provenance that are kept for one segment. Beyond it, the newest replaces
the last one."""

_LONGEST_REASON = 300


@dataclass(frozen=True)
class SegmentTotals:
    """The counters of a segment at the end of its last whole fragment.

    `faces` counts boxes: one face in ten frames is ten. `veils` holds the veiled frames by their
    reason. `gaps` counts the jumps in the sequence, `missing` the frames that they skip. `first`
    and `last` are sequence numbers. `provenance` holds pairs: the number of a frame in the segment
    and the provenance from that frame on.
    """

    frames: int = 0
    nanoseconds: int = 0
    faces: int = 0
    veils: Mapping[str, int] = field(default_factory=dict)
    gaps: int = 0
    missing: int = 0
    first: int = 0
    last: int = 0
    provenance: tuple[tuple[int, Provenance], ...] = ()

    @property
    def frames_veiled(self) -> int:
        """The veiled frames, whatever the reason."""
        return sum(self.veils.values())


class SegmentCounters:
    """Counts frame by frame; `totals` costs more and is called once a fragment."""

    def __init__(self) -> None:
        self._frames = 0
        self._faces = 0
        self._veils: dict[str, int] = {}
        self._gaps = 0
        self._missing = 0
        self._first = 0
        self._last = 0
        self._provenance: tuple[tuple[int, Provenance], ...] = ()

    def add(self, frame: AnonymizedFrame) -> None:
        """Count one frame, in the order of recording."""
        if self._frames == 0:
            self._first = frame.sequence
        elif frame.sequence > self._last + 1:
            self._gaps += 1
            self._missing += frame.sequence - self._last - 1
        self._last = frame.sequence
        self._frames += 1
        self._faces += frame.faces
        if frame.veil:
            reason = frame.veil
            if reason not in self._veils and len(self._veils) >= MOST_REASONS:
                reason = OTHER_REASONS
            self._veils[reason] = self._veils.get(reason, 0) + 1

    def notice(self, provenance: Provenance | None) -> None:
        """Note the provenance from the next frame on."""
        if provenance is None or (self._provenance and self._provenance[-1][1] == provenance):
            return
        self._provenance = (
            *self._provenance[: MOST_CHANGES - 1],
            (self._frames, provenance),
        )

    def totals(self, nanoseconds: int) -> SegmentTotals:
        """The totals so far of a segment that is now `nanoseconds` long."""
        veils: dict[str, int] = {}
        for reason, frames in self._veils.items():
            shown = redact(reason)[:_LONGEST_REASON]
            veils[shown] = veils.get(shown, 0) + frames
        return SegmentTotals(
            self._frames,
            nanoseconds,
            self._faces,
            veils,
            self._gaps,
            self._missing,
            self._first,
            self._last,
            self._provenance,
        )
