"""Small corrections of a document, as they are given on the command line."""

import re
from bisect import bisect_right
from collections.abc import Iterable
from itertools import count

from pydantic import ValidationError

from anoncam.clock import NANOSECONDS
from anoncam.errors import CoverageFileError
from anoncam.frames.boxes import Box
from anoncam.review.coverage_file import explain
from anoncam.review.document import CoverageDocument, Span, TrackEntry
from anoncam.review.upright import to_stored
from anoncam.tracking.coverage import Reason

_NUMBER = r"\s*(-?\d{1,8}(?:\.\d{1,9})?)\s*"
_TIME = r"\s*((?:\d{1,4}:){0,2}\d{1,8}(?:\.\d{1,9})?)\s*"
_BOX = re.compile(rf"{_NUMBER},{_NUMBER},{_NUMBER},{_NUMBER}@{_TIME}-{_TIME}", re.ASCII)
_EXAMPLE = "an example: 120,80,180,150@1:02.5-1:04"


def corrected(
    document: CoverageDocument, remove: Iterable[str], add: Iterable[str]
) -> CoverageDocument:
    """The document without the tracks `remove`, and with the boxes `add`.

    Raises:
        CoverageFileError: there is no such track, or the text says no box of the footage.
    """
    tracks = list(document.tracks)
    for name in remove:
        kept = [track for track in tracks if track.id != name]
        if len(kept) == len(tracks):
            raise CoverageFileError(f"there is no track {name!r}", _names(document))
        tracks = kept
    for text in add:
        tracks.append(_by_hand(text, document, {track.id for track in tracks}))
    try:
        return CoverageDocument.model_validate({**dict(document), "tracks": tuple(tracks)})
    except ValidationError as error:
        raise CoverageFileError(f"the corrections cannot be made: {explain(error)}") from error


def parse_box(text: str) -> tuple[Box, float, float]:
    """Box and two times in seconds: ``left,top,right,bottom@from-to``.

    Raises:
        CoverageFileError: it says something else.
    """
    found = _BOX.fullmatch(text)
    if found is None:
        raise CoverageFileError(f"{text!r} is no box with its times", _EXAMPLE)
    left, top, right, bottom = (float(found[place]) for place in range(1, 5))
    first, last = _seconds(found[5]), _seconds(found[6])
    if not (left < right and top < bottom and first <= last):
        raise CoverageFileError(f"{text!r} ends before it begins", _EXAMPLE)
    return (left, top, right, bottom), first, last


def _by_hand(text: str, document: CoverageDocument, names: set[str]) -> TrackEntry:
    upright, first, last = parse_box(text)
    frames = document.source.times
    times = [time - frames[0] for time in frames]
    # A frame is shown until the next one; the last one as long as the one before.
    lasts = times[-1] - times[-2] if len(times) > 1 else 0
    begin = max(0, bisect_right(times, round(first * NANOSECONDS)) - 1)
    end = bisect_right(times, round(last * NANOSECONDS)) - 1
    if not times or round(first * NANOSECONDS) > times[-1] + lasts:
        ends = times[-1] / NANOSECONDS if times else 0.0
        raise CoverageFileError(f"{text!r} is of no frame", f"the last one is at {ends:.3f} s")
    box = to_stored(upright, document.source)
    keys = ((begin, *box), (end, *box)) if end > begin else ((begin, *box),)
    name = next(name for name in map("hand {}".format, count(1)) if name not in names)
    try:
        return TrackEntry.of(name, 1.0, (Span(reason=Reason.BY_HAND, keys=keys),))
    except ValidationError as error:
        raise CoverageFileError(f"{text!r} cannot be added: {explain(error)}") from error


def _seconds(text: str) -> float:
    seconds = 0.0
    for part in text.split(":"):
        seconds = seconds * 60 + float(part)
    return seconds


def _names(document: CoverageDocument) -> str:
    names = [track.id for track in document.tracks[:20]]
    further = len(document.tracks) - len(names)
    listed = ", ".join(names) + (f" and {further} more" if further else "")
    return f"there are {listed}" if names else "there is none at all"
