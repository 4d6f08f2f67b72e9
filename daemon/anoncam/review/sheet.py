"""The review sheet: one page with thumbnails of each track, those of most doubt first."""

import base64
from collections.abc import Sequence
from html import escape
from pathlib import Path

import numpy as np

from anoncam.audit.sheet import encode_png, write_number
from anoncam.clock import NANOSECONDS
from anoncam.errors import StorageError
from anoncam.recording.whole_file import WholeFile
from anoncam.review.coverage_file import write_whole
from anoncam.review.document import CoverageDocument, TrackEntry
from anoncam.review.look_through import EACH, SIDE, Look, Thumbnail

_GAP = 4
_COLUMNS = 3
_STYLE = (
    "body{font:14px sans-serif;margin:1em}table{border-collapse:collapse}"
    "td,th{padding:2px 8px;text-align:left;vertical-align:top}img{margin-right:2px}"
)


def sheet_output(path: Path, *, force: bool) -> WholeFile:
    """Where the sheet will be written.

    Raises:
        StorageError: it is neither HTML nor PNG, or `path` exists and `force` is false.
    """
    if path.suffix.lower() not in (".html", ".png"):
        raise StorageError(f"{path} is not the name of a sheet", "end it in .html or .png")
    return WholeFile(path, force=force)


def write_sheet(document: CoverageDocument, looks: Sequence[Look], output: WholeFile) -> None:
    """Write the sheet, as HTML or as PNG.

    Raises:
        StorageError: the disk failed, or the name is taken.
    """
    if output.path.suffix.lower() == ".png":
        write_whole(encode_png(lay_out(looks)), output)
    else:
        write_whole(as_html(document, looks).encode(), output)


def describe(track: TrackEntry, document: CoverageDocument) -> str:
    """One line: name, time, score and reasons of a track."""
    first, last = (_clock(document, number) for number in (track.first, track.last))
    reasons = ", ".join(dict.fromkeys(span.reason.value for span in track.spans))
    return f"{track.id}: {first} to {last}, score {track.score:.2f}, {reasons}"


def as_html(document: CoverageDocument, looks: Sequence[Look]) -> str:
    """A page that needs no other file."""
    rows = [
        f"<tr><td>{number}</td><td>{escape(describe(look.track, document))}<br>"
        f"<code>--remove '{escape(look.track.id)}'</code></td>"
        f"<td>{''.join(map(_image, look.thumbnails))}</td></tr>"
        for number, look in enumerate(looks, start=1)
    ]
    veils = [
        f"<li>{_clock(document, veil.first)} to {_clock(document, veil.last)}: "
        f"{escape(veil.reason)}</li>"
        for veil in document.veiled
    ]
    hidden = len(document.tracks) - len(looks)
    shown = f"{len(looks)} tracks" + (f"; {hidden} of less doubt are left out" if hidden else "")
    return (
        '<!DOCTYPE html><html lang="en"><head><meta charset="utf-8">'
        f"<title>Coverage</title><style>{_STYLE}</style></head><body>"
        f"<h1>Coverage, by doubt</h1><p>{shown}. SHA-256 {document.source.sha256}</p>"
        f"<table>{''.join(rows)}</table>"
        f"<h2>Veiled</h2><ul>{''.join(veils)}</ul></body></html>\n"
    )


def lay_out(looks: Sequence[Look]) -> Thumbnail:
    """The sheet as an RGB picture: a row of thumbnails for each track, numbered from 1."""
    step = SIDE + _GAP
    columns = max(1, min(_COLUMNS, len(looks)))
    rows = max(1, -(-len(looks) // columns))
    wide = EACH * SIDE + 2 * _GAP
    sheet = np.full((_GAP + rows * step, _GAP + columns * wide, 3), 255, np.uint8)
    for place, look in enumerate(looks):
        row, column = divmod(place, columns)
        top, left = _GAP + row * step, _GAP + column * wide
        for number, thumbnail in enumerate(look.thumbnails):
            start = left + number * SIDE
            sheet[top : top + SIDE, start : start + SIDE] = thumbnail
        write_number(sheet[top : top + SIDE, left : left + SIDE], place + 1)
    return sheet


def _image(thumbnail: Thumbnail) -> str:
    data = base64.b64encode(encode_png(thumbnail)).decode()
    return f'<img alt="" width="{SIDE}" height="{SIDE}" src="data:image/png;base64,{data}">'


def _clock(document: CoverageDocument, number: int) -> str:
    seconds = (document.source.times[number] - document.source.times[0]) / NANOSECONDS
    return f"{int(seconds // 60)}:{seconds % 60:06.3f}"
