"""Puts what an annotation tool states on top of the document that the tool was given.

Tools round numbers. So a box that nobody has moved keeps the document's numbers and its reason.
"""

from collections.abc import Iterable, Iterator, Mapping
from itertools import count

from pydantic import ValidationError

from anoncam.errors import CoverageFileError
from anoncam.frames.boxes import Box
from anoncam.review.coverage_file import explain
from anoncam.review.document import CoverageDocument, TrackEntry
from anoncam.review.given_coverage import box_in
from anoncam.review.track_boxes import TrackBoxes, veiled_spans
from anoncam.review.upright import to_stored, to_upright
from anoncam.tracking.coverage import CoverBox, Reason

SAME = 0.0101
"""Pixels by which a tool may move an edge in rounding: two decimals, of position and size."""

MOST_BOXES = 20_000_000
"""Boxes in all frames together."""

Boxes = Mapping[int, Box]
"""Boxes of the upright picture, by frame."""


def boxes_of(track: TrackEntry, document: CoverageDocument) -> Iterator[tuple[int, Box]]:
    """Each frame of the track with its box in the upright picture."""
    for span in track.spans:
        for number in range(span.first, span.last + 1):
            yield number, to_upright(box_in(span, number), document.source)


def veiled_frames(document: CoverageDocument) -> Iterator[tuple[int, str]]:
    """Each veiled frame with its reason."""
    for veil in document.veiled:
        for number in range(veil.first, veil.last + 1):
            yield number, veil.reason


def annotated(
    base: CoverageDocument,
    tracks: Iterable[tuple[str | None, Boxes]],
    veiled: Iterable[int],
) -> CoverageDocument:
    """`base` with these tracks and veils in place of its own.

    A track without a name is the one of `base` that has one of its boxes, else a new one.

    Raises:
        CoverageFileError: they do not make a valid document.
    """
    known = {track.id: dict(_stored(track)) for track in base.tracks}
    in_frames: dict[int, list[tuple[str, Box]]] = {}
    for track_name, before in known.items():
        for number, (box, _) in before.items():
            in_frames.setdefault(number, []).append((track_name, box))
    joined: dict[str, dict[int, Box]] = {}
    by_hand = map("hand {}".format, count(1))
    fresh = (name for name in by_hand if name not in known and name not in joined)
    for name, boxes in tracks:
        key = name or _name_by_box(boxes, base, in_frames, joined) or next(fresh)
        if joined.get(key, {}).keys() & boxes.keys():
            raise CoverageFileError(f"the track {key!r} has two boxes in one frame")
        joined.setdefault(key, {}).update(boxes)
    scores = {track.id: track.score for track in base.tracks}
    names = [name for name in scores if name in joined]
    names += [name for name in joined if name not in scores]
    reasons = dict(veiled_frames(base))
    try:
        entries = []
        for name in names:
            boxes_by_hand = TrackBoxes()
            for number in sorted(joined[name]):
                cover = _cover(name, number, joined[name][number], base, known.get(name, {}))
                boxes_by_hand.add(number, cover)
            spans = tuple(boxes_by_hand.spans())
            entries.append(TrackEntry.of(name, scores.get(name, 1.0), spans))
        veils = tuple(
            veiled_spans((number, reasons.get(number, "by hand")) for number in sorted(set(veiled)))
        )
        return CoverageDocument.model_validate(
            {**dict(base), "tracks": tuple(entries), "veiled": veils}
        )
    except ValidationError as error:
        raise CoverageFileError(f"the annotations cannot be used: {explain(error)}") from error


def _stored(track: TrackEntry) -> Iterator[tuple[int, tuple[Box, Reason]]]:
    for span in track.spans:
        for number in range(span.first, span.last + 1):
            yield number, (box_in(span, number), span.reason)


def _cover(
    name: str,
    number: int,
    box: Box,
    base: CoverageDocument,
    before: Mapping[int, tuple[Box, Reason]],
) -> CoverBox:
    if number in before and _is_same(before[number][0], box, base):
        return CoverBox(before[number][0], name, 0.0, before[number][1])
    return CoverBox(to_stored(box, base.source), name, 0.0, Reason.BY_HAND)


def _is_same(stored: Box, upright: Box, base: CoverageDocument) -> bool:
    expected = to_upright(stored, base.source)
    return all(abs(a - b) <= SAME for a, b in zip(expected, upright, strict=True))


def _name_by_box(
    boxes: Boxes,
    base: CoverageDocument,
    in_frames: Mapping[int, list[tuple[str, Box]]],
    taken: Mapping[str, Boxes],
) -> str | None:
    for number, box in boxes.items():
        for name, before in in_frames.get(number, ()):
            is_free = not taken.get(name, {}).keys() & boxes.keys()
            if is_free and _is_same(before, box, base):
                return name
    return None
