"""Coverage as "CVAT for video 1.1", to be reviewed in CVAT, and back."""

from dataclasses import dataclass, field
from pathlib import Path
from xml.parsers.expat import ExpatError, ParserCreate
from xml.sax.saxutils import quoteattr

from anoncam.errors import CoverageFileError
from anoncam.frames.boxes import Box
from anoncam.review.annotations import MOST_BOXES, annotated, boxes_of
from anoncam.review.coverage_file import read_bounded
from anoncam.review.document import CoverageDocument
from anoncam.review.upright import upright_size

FACE, VEIL = "face", "veil"
_TRACK = "track"
"""The attribute of a box that holds the name of its track."""


def to_cvat(document: CoverageDocument) -> str:
    """The XML of all tracks, in pixels of the upright picture; each veil is a track of its own."""
    width, height = upright_size(document.source)
    frames = document.source.frames
    lines = [
        '<?xml version="1.0" encoding="utf-8"?>',
        "<annotations>",
        "<version>1.1</version>",
        f"<meta><task><size>{frames}</size><mode>interpolation</mode><labels>",
        f"<label><name>{FACE}</name><attributes><attribute><name>{_TRACK}</name>"
        "<mutable>False</mutable><input_type>text</input_type>"
        "<default_value></default_value><values></values></attribute></attributes></label>",
        f"<label><name>{VEIL}</name><attributes></attributes></label></labels>",
        f"<original_size><width>{width}</width><height>{height}</height></original_size>",
        "</task></meta>",
    ]
    for number, track in enumerate(document.tracks):
        lines.append(f'<track id="{number}" label="{FACE}" source="auto">')
        boxes = dict(boxes_of(track, document))
        lines += _boxes(boxes, frames, f'<attribute name="{_TRACK}">{track.id}</attribute>')
        lines.append("</track>")
    for number, veil in enumerate(document.veiled, start=len(document.tracks)):
        lines.append(f'<track id="{number}" label="{VEIL}" source="auto">')
        whole = dict.fromkeys(
            range(veil.first, veil.last + 1), (0.0, 0.0, float(width), float(height))
        )
        lines += _boxes(whole, frames, "")
        lines.append("</track>")
    return "\n".join([*lines, "</annotations>", ""])


def _boxes(boxes: dict[int, Box], frames: int, attributes: str) -> list[str]:
    lines = []
    for number, box in boxes.items():
        lines.append(_box(number, box, outside=False, attributes=attributes))
        if number + 1 not in boxes and number + 1 < frames:
            lines.append(_box(number + 1, box, outside=True, attributes=attributes))
    return lines


def _box(number: int, box: Box, *, outside: bool, attributes: str) -> str:
    edges = " ".join(
        f"{name}={quoteattr(repr(edge))}"
        for name, edge in zip(("xtl", "ytl", "xbr", "ybr"), box, strict=True)
    )
    return (
        f'<box frame="{number}" keyframe="1" outside="{outside:d}" occluded="0" {edges} '
        f'z_order="0">{attributes}</box>'
    )


def from_cvat(path: Path, base: CoverageDocument) -> CoverageDocument:
    """`base`, as it was changed in CVAT. Every label but "veil" is a face.

    Raises:
        CoverageFileError: the file is no "CVAT for video 1.1" of this footage.
    """
    reader = _Reader(path, base)
    tracks = []
    veiled: set[int] = set()
    total = 0
    for track in reader.read():
        boxes = track.in_all_frames(base.source.frames)
        total += len(boxes)
        if total > MOST_BOXES:
            raise CoverageFileError(f"{path} has more than {MOST_BOXES} boxes")
        if track.label == VEIL:
            veiled.update(boxes)
        elif boxes:
            tracks.append((track.name or None, boxes))
    return annotated(base, tracks, veiled)


@dataclass
class _Track:
    label: str
    name: str = ""
    boxes: dict[int, Box | None] = field(default_factory=dict)
    """By frame; None where the track is outside of the picture from there on."""

    def in_all_frames(self, frames: int) -> dict[int, Box]:
        """The boxes of all frames, as CVAT shows them: moved evenly, and kept at the end."""
        shown: dict[int, Box] = {}
        numbers = sorted(self.boxes)
        for number, following in zip(numbers, [*numbers[1:], frames], strict=True):
            box = self.boxes[number]
            if box is None:
                continue
            after = self.boxes.get(following) or box
            for each in range(number, following):
                part = (each - number) / (following - number)
                left, top, right, bottom = (
                    a + (b - a) * part for a, b in zip(box, after, strict=True)
                )
                shown[each] = left, top, right, bottom
        return shown


class _Reader:
    """Reads the XML without ever building a tree, and without entities: it may be a stranger's."""

    def __init__(self, path: Path, base: CoverageDocument) -> None:
        self._path = path
        self._frames = base.source.frames
        self._size = dict(zip(("width", "height"), upright_size(base.source), strict=True))
        self._tracks: list[_Track] = []
        self._open: list[str] = []
        self._text = ""
        self._is_name = False
        self._parser = ParserCreate()
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = self._characters
        self._parser.StartDoctypeDeclHandler = self._refuse_doctype

    def read(self) -> list[_Track]:
        try:
            self._parser.Parse(read_bounded(self._path), True)
        except (ExpatError, LookupError, ValueError) as error:
            raise CoverageFileError(f"{self._path} is no XML: {error}") from error
        return self._tracks

    def _fail(self, what: str) -> CoverageFileError:
        return CoverageFileError(f"{self._path}:{self._parser.CurrentLineNumber}: {what}")

    def _refuse_doctype(self, *_: object) -> None:
        raise self._fail("a document type is not allowed")

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        parent = self._open[-1] if self._open else ""
        if not parent and name != "annotations":
            raise self._fail('this is no "CVAT for video 1.1"')
        self._open.append(name)
        self._text = ""
        if parent == "annotations" and name == "track":
            self._tracks.append(_Track(attributes.get("label", "")))
        elif parent == "annotations" and name == "image":
            raise self._fail('these are pictures: export as "CVAT for video 1.1"')
        elif parent == "track":
            if name != "box":
                raise self._fail(f"a {name} cannot be covered: make it a rectangle")
            self._add_box(attributes)
        self._is_name = name == "attribute" and attributes.get("name") == _TRACK

    def _characters(self, text: str) -> None:
        if len(self._text) < 1000:
            self._text += text

    def _end(self, name: str) -> None:
        self._open.pop()
        if self._is_name and name == "attribute" and self._open[-1:] == ["box"]:
            self._tracks[-1].name = self._text.strip()
        elif (
            name in self._size
            and self._open[-1:] == ["original_size"]
            and self._text.strip() != str(self._size[name])
        ):
            raise self._fail(f"the {name} of the footage is {self._size[name]}, not {self._text}")
        self._is_name = False

    def _add_box(self, attributes: dict[str, str]) -> None:
        try:
            number = int(attributes["frame"])
            left, top, right, bottom = (
                float(attributes[edge]) for edge in ("xtl", "ytl", "xbr", "ybr")
            )
            rotation = float(attributes.get("rotation", 0))
        except (KeyError, ValueError) as error:
            raise self._fail(f"the box cannot be read: {error}") from error
        if rotation:
            raise self._fail("the box is rotated: draw it upright")
        if not 0 <= number < self._frames:
            raise self._fail(f"there is no frame {number}: the footage has {self._frames}")
        boxes = self._tracks[-1].boxes
        if number in boxes:
            raise self._fail(f"the track has a second box in frame {number}")
        is_outside = attributes.get("outside", "0") == "1"
        boxes[number] = None if is_outside else (left, top, right, bottom)
