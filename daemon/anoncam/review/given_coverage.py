"""Covers what a coverage file says."""

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path

import numpy as np

from anoncam.config.schema import AnonymizerSettings
from anoncam.errors import CoverageFileError
from anoncam.frames.boxes import Box, outermost
from anoncam.frames.frame import Frame, FrameFormat
from anoncam.review.coverage_file import hash_file
from anoncam.review.document import CoverageDocument, Key, Span, TrackEntry
from anoncam.tracking.coverage import Coverage, CoverBox

NOT_SPOKEN_OF = "the coverage file does not speak of this frame"


def check_identity(document: CoverageDocument, path: Path, picture: FrameFormat) -> None:
    """Refuse the coverage of another file.

    Raises:
        CoverageFileError: it is that of another file, or libav decodes it in another way.
    """
    said = document.source
    if hash_file(path) != said.sha256:
        raise CoverageFileError(
            f"the coverage is that of another file than {path}", "write it anew from this one"
        )
    if (picture.width, picture.height, picture.rotation) != (
        said.width,
        said.height,
        said.rotation,
    ):
        raise CoverageFileError(
            f"{path} is {picture.width}x{picture.height}, turned by {picture.rotation}, and its "
            f"coverage is for {said.width}x{said.height}, turned by {said.rotation}",
            "write it anew on this machine",
        )


def settings_with(document: CoverageDocument, settings: AnonymizerSettings) -> AnonymizerSettings:
    """The settings with the document's zones and margins; what they cover beyond these stays."""
    margins = document.margins
    further = tuple(zone for zone in settings.zones if zone not in document.zones)
    return settings.model_copy(
        update={
            "zones": document.zones + further,
            "margin_side": max(margins.side, settings.margin_side),
            "margin_top": max(margins.top, settings.margin_top),
            "margin_bottom": max(margins.bottom, settings.margin_bottom),
        }
    )


@dataclass(frozen=True)
class _Place:
    """A span, with its track and the place of that in the document."""

    order: int
    track: TrackEntry
    span: Span


class GivenCoverage:
    """What a document says of each frame. A frame that it does not speak of is veiled.

    >>> given = GivenCoverage(document)
    >>> given.at(frame.timestamp)
    Coverage(boxes=(CoverBox(...),), veil='')
    """

    def __init__(self, document: CoverageDocument) -> None:
        self._numbers = {time: number for number, time in enumerate(document.source.times)}
        places = (
            _Place(order, track, span)
            for order, track in enumerate(document.tracks)
            for span in track.spans
        )
        self._places = sorted(places, key=lambda place: place.span.first)
        self._veils = {
            number: veil.reason
            for veil in document.veiled
            for number in range(veil.first, veil.last + 1)
        }
        self._current: list[_Place] = []
        self._begun = 0
        self._last = -1
        names = [track.id for track in document.tracks]
        self._detected = next(
            prefix
            for prefix in map("detected {}".format, count(1))
            if not any(name.startswith(prefix) for name in names)
        )

    def at(self, timestamp: int) -> Coverage:
        """What it says of the frame of that timestamp; quickest in the order of time."""
        number = self._numbers.get(timestamp)
        if number is None:
            return Coverage(veil=NOT_SPOKEN_OF)
        boxes = tuple(
            CoverBox(
                box_in(place.span, number), place.track.id, place.track.score, place.span.reason
            )
            for place in self._at(number)
        )
        return Coverage(boxes, self._veils.get(number, ""))

    def instead(self, frame: Frame, _tracked: Coverage) -> Coverage:
        """Cover what the document says, and nothing else."""
        return self.at(frame.timestamp)

    def united(self, frame: Frame, tracked: Coverage) -> Coverage:
        """Cover what the document says and what is tracked; a veil of either stays."""
        given = self.at(frame.timestamp)
        found = (replace(each, key=f"{self._detected} {each.key}") for each in tracked.boxes)
        boxes = (*given.boxes, *found)
        if boxes:
            outer = outermost(np.array([cover.box for cover in boxes])).tolist()
            boxes = tuple(cover for cover, is_outer in zip(boxes, outer, strict=True) if is_outer)
        return Coverage(boxes, given.veil or tracked.veil)

    def _at(self, number: int) -> Iterator[_Place]:
        if number < self._last:
            self._current, self._begun = [], 0
        self._last = number
        current = [place for place in self._current if place.span.last >= number]
        while self._begun < len(self._places) and self._places[self._begun].span.first <= number:
            if self._places[self._begun].span.last >= number:
                current.append(self._places[self._begun])
            self._begun += 1
        self._current = sorted(current, key=lambda place: place.order)
        return iter(self._current)


def box_in(span: Span, number: int) -> Box:
    """The box of a span in one of its frames."""
    place = bisect_right(span.keys, number, key=lambda key: key[0]) - 1
    before, after = span.keys[place], span.keys[min(place + 1, len(span.keys) - 1)]
    return _between(before, after, number)


def _between(before: Key, after: Key, number: int) -> Box:
    if before[0] == after[0]:
        return before[1:]
    part = (number - before[0]) / (after[0] - before[0])
    # In this form, equal edges and those of the keys themselves come out exactly.
    left, top, right, bottom = (
        a + (b - a) * part for a, b in zip(before[1:], after[1:], strict=True)
    )
    return left, top, right, bottom
