"""What a coverage file holds; docs/coverage-file.md explains it, with every limit."""

from itertools import pairwise
from typing import Annotated, Literal, Self

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, model_validator

from anoncam.config.schema import AnonymizerSettings, Zone
from anoncam.tracking.coverage import Reason

FORMAT: Literal["anoncam-coverage"] = "anoncam-coverage"
VERSION: Literal[1] = 1

FARTHEST = 1e7
"""Pixels from the picture's corner; a coordinate may lie outside of the picture."""

MOST_FRAMES = 10_000_000
MOST_TRACKS = 100_000
MOST_BOXES_IN_A_FRAME = 2_000
MOST_REASON = 200
MOST_TIME = 2**62

Number = Annotated[int, Field(ge=0, lt=MOST_FRAMES)]
"""A frame, counted from 0."""

Coordinate = Annotated[float, Field(ge=-FARTHEST, le=FARTHEST, allow_inf_nan=False)]

Key = tuple[Number, Coordinate, Coordinate, Coordinate, Coordinate]
"""Frame, left, top, right and bottom, in pixels of the stored picture and without margins."""

TrackName = Annotated[str, Field(pattern="^[A-Za-z0-9][A-Za-z0-9 ._-]{0,99}$")]
Text = Annotated[str, Field(pattern=r"^[^\x00-\x1f\x7f-\x9f]+$", max_length=MOST_REASON)]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Footage(_Part):
    """The picture or video that is covered: `times` are the timestamps of all frames, in ns.

    `rotation` is the clockwise turn after which the picture is upright.
    """

    sha256: Annotated[str, Field(pattern="^[0-9a-f]{64}$")]
    width: Annotated[int, Field(ge=1, le=65536)]
    height: Annotated[int, Field(ge=1, le=65536)]
    rotation: Literal[0, 90, 180, 270]
    frames: Annotated[int, Field(ge=0, le=MOST_FRAMES)]
    times: Annotated[
        tuple[Annotated[int, Field(ge=-MOST_TIME, le=MOST_TIME)], ...],
        Field(max_length=MOST_FRAMES),
    ]

    @model_validator(mode="after")
    def _are_times_in_order(self) -> Self:
        if len(self.times) != self.frames:
            raise ValueError(f"there are {len(self.times)} times for {self.frames} frames")
        for number, (before, after) in enumerate(pairwise(self.times), start=1):
            if before >= after:
                raise ValueError(f"times[{number}] is not later than the one before")
        return self


class Margins(_Part):
    """What is added to each box, as in the configuration."""

    side: Annotated[float, Field(ge=0, le=2)]
    top: Annotated[float, Field(ge=0, le=2)]
    bottom: Annotated[float, Field(ge=0, le=2)]

    @staticmethod
    def of(settings: AnonymizerSettings) -> "Margins":
        """The margins of the settings."""
        return Margins(
            side=settings.margin_side, top=settings.margin_top, bottom=settings.margin_bottom
        )


class Span(_Part):
    """Frames without a gap that are covered for one reason, from the first key to the last.

    Between two keys the box moves evenly.
    """

    reason: Reason
    keys: Annotated[tuple[Key, ...], Field(min_length=1, max_length=MOST_FRAMES)]

    @property
    def first(self) -> int:
        """The number of its first frame."""
        return self.keys[0][0]

    @property
    def last(self) -> int:
        """The number of its last frame."""
        return self.keys[-1][0]

    @model_validator(mode="after")
    def _are_keys_in_order(self) -> Self:
        for number, key in enumerate(self.keys):
            if number and key[0] <= self.keys[number - 1][0]:
                raise ValueError(f"keys[{number}] is not of a later frame than the one before")
            if key[1] > key[3] or key[2] > key[4]:
                raise ValueError(f"keys[{number}] ends before it begins")
        return self


class TrackEntry(_Part):
    """What one track covers, from frame `first` to `last`, both included."""

    id: TrackName
    first: Number
    last: Number
    score: Annotated[float, Field(ge=0, le=1)]
    spans: Annotated[tuple[Span, ...], Field(min_length=1, max_length=MOST_FRAMES)]

    @staticmethod
    def of(name: str, score: float, spans: tuple[Span, ...]) -> "TrackEntry":
        """The entry of these spans."""
        first, last = spans[0].first, spans[-1].last
        return TrackEntry(id=name, first=first, last=last, score=score, spans=spans)

    @model_validator(mode="after")
    def _are_spans_in_order(self) -> Self:
        if self.id == "veil" or self.id.startswith("zone "):
            raise ValueError("id is a name that veil and zones have")
        for number, (before, after) in enumerate(pairwise(self.spans), start=1):
            if after.first <= before.last:
                raise ValueError(f"spans[{number}] begins before the one before has ended")
        if (self.first, self.last) != (self.spans[0].first, self.spans[-1].last):
            raise ValueError("first and last are not those of its spans")
        return self


class VeiledSpan(_Part):
    """Frames, from `first` to `last`, that are covered as a whole."""

    first: Number
    last: Number
    reason: Text

    @model_validator(mode="after")
    def _is_in_order(self) -> Self:
        if self.last < self.first:
            raise ValueError("it ends before it begins")
        return self


class CoverageDocument(_Part):
    """All that a coverage file holds.

    Tracks are in the order in which their boxes are painted.
    """

    format: Literal["anoncam-coverage"]
    version: Literal[1]
    anoncam: Text
    source: Footage
    margins: Margins
    zones: Annotated[tuple[Zone, ...], Field(max_length=100)]
    tracks: Annotated[tuple[TrackEntry, ...], Field(max_length=MOST_TRACKS)]
    veiled: Annotated[tuple[VeiledSpan, ...], Field(max_length=MOST_FRAMES)]

    @model_validator(mode="after")
    def _is_within_the_footage(self) -> Self:
        frames = self.source.frames
        ends = [(f"tracks[{number}]", track.last) for number, track in enumerate(self.tracks)]
        ends += [(f"veiled[{number}]", veil.last) for number, veil in enumerate(self.veiled)]
        for name, last in ends:
            if last >= frames:
                raise ValueError(f"{name} ends at frame {last}, and there are {frames} from 0 on")
        for number, (before, after) in enumerate(pairwise(self.veiled), start=1):
            if after.first <= before.last:
                raise ValueError(f"veiled[{number}] begins before the one before has ended")
        return self

    @model_validator(mode="after")
    def _can_be_covered(self) -> Self:
        names = set[str]()
        begun = np.zeros(self.source.frames + 1, np.int64)
        for number, track in enumerate(self.tracks):
            if track.id in names:
                raise ValueError(f"tracks[{number}] has the id of an earlier track")
            names.add(track.id)
            for span in track.spans:
                begun[span.first] += 1
                begun[span.last + 1] -= 1
        most = begun.cumsum()
        if most.max() > MOST_BOXES_IN_A_FRAME:
            where = int(most.argmax())
            raise ValueError(f"frame {where} has more than {MOST_BOXES_IN_A_FRAME} boxes")
        return self
