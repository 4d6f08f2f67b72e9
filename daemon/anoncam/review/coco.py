"""Coverage as COCO's JSON for detection, and back; a frame is an image."""

import re
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from anoncam.errors import CoverageFileError
from anoncam.frames.boxes import Box
from anoncam.review.annotations import annotated, boxes_of, veiled_frames
from anoncam.review.coverage_file import explain, read_bounded
from anoncam.review.document import CoverageDocument, TrackName
from anoncam.review.upright import upright_size

FACE, VEIL = "face", "veil"
_NUMBER = re.compile(r"(\d{1,9})\D*$", re.ASCII)
_Edge = Annotated[float, Field(allow_inf_nan=False)]


class _Part(BaseModel):
    # COCO is written by many tools, each with keys of its own.
    model_config = ConfigDict(extra="ignore")


class Image(_Part):
    """A frame: its number is `frame`, or the last number in the name of its file."""

    id: int
    width: int
    height: int
    file_name: str = ""
    frame: int | None = None


class Annotation(_Part):
    """A box of an image: left, top, width and height. `track` joins it to those of other images."""

    id: int
    image_id: int
    category_id: int
    bbox: tuple[_Edge, _Edge, Annotated[_Edge, Field(ge=0)], Annotated[_Edge, Field(ge=0)]]
    track: TrackName | None = None
    area: float = 0.0
    iscrowd: int = 0


class Category(_Part):
    """What a box shows."""

    id: int
    name: str


class CocoDocument(_Part):
    """A file in the form of COCO."""

    images: tuple[Image, ...]
    annotations: tuple[Annotation, ...]
    categories: tuple[Category, ...]


def to_coco(document: CoverageDocument) -> CocoDocument:
    """All boxes, in pixels of the upright picture; a veiled frame has a box of the whole image."""
    width, height = upright_size(document.source)
    images = (
        Image(
            id=number + 1,
            width=width,
            height=height,
            file_name=f"frame_{number:06}.png",
            frame=number,
        )
        for number in range(document.source.frames)
    )
    boxes: list[tuple[int, Box, int, str | None]] = [
        (number, box, 1, track.id)
        for track in document.tracks
        for number, box in boxes_of(track, document)
    ]
    whole = (0.0, 0.0, float(width), float(height))
    boxes += [(number, whole, 2, None) for number, _ in veiled_frames(document)]
    annotations = (
        Annotation(
            id=place,
            image_id=number + 1,
            category_id=category,
            bbox=(left, top, right - left, bottom - top),
            track=name,
            area=(right - left) * (bottom - top),
        )
        for place, (number, (left, top, right, bottom), category, name) in enumerate(boxes, start=1)
    )
    categories = (Category(id=1, name=FACE), Category(id=2, name=VEIL))
    return CocoDocument(images=tuple(images), annotations=tuple(annotations), categories=categories)


def from_coco(path: Path, base: CoverageDocument) -> CoverageDocument:
    """`base`, as it was changed. Every category but "veil" is a face.

    Raises:
        CoverageFileError: the file is no COCO of this footage.
    """
    try:
        coco = CocoDocument.model_validate_json(read_bounded(path))
    except ValidationError as error:
        raise CoverageFileError(f"{path} cannot be used: {explain(error)}") from error
    frames = _frames(coco, path, base)
    veils = {each.id for each in coco.categories if each.name == VEIL}
    tracks: dict[str, dict[int, Box]] = {}
    unnamed: list[tuple[str | None, dict[int, Box]]] = []
    veiled = []
    for place, each in enumerate(coco.annotations):
        if each.image_id not in frames:
            raise CoverageFileError(f"{path}: annotations[{place}] is of no image")
        number = frames[each.image_id]
        left, top, width, height = each.bbox
        box = (left, top, left + width, top + height)
        if each.category_id in veils:
            veiled.append(number)
        elif each.track is None:
            unnamed.append((None, {number: box}))
        elif number in tracks.setdefault(each.track, {}):
            raise CoverageFileError(
                f"{path}: annotations[{place}] is a second box of {each.track!r} in one image"
            )
        else:
            tracks[each.track][number] = box
    return annotated(base, [*tracks.items(), *unnamed], veiled)


def _frames(coco: CocoDocument, path: Path, base: CoverageDocument) -> dict[int, int]:
    """The number of the frame of each image."""
    frames: dict[int, int] = {}
    seen: set[int] = set()
    for place, image in enumerate(coco.images):
        where = f"{path}: images[{place}]"
        found = _NUMBER.search(Path(image.file_name).stem)
        number = image.frame if image.frame is not None else int(found[1]) if found else -1
        if not 0 <= number < base.source.frames:
            raise CoverageFileError(
                f"{where} is no frame of the footage, which has {base.source.frames}"
            )
        if (image.width, image.height) != upright_size(base.source):
            raise CoverageFileError(f"{where} has another size than the footage")
        if image.id in frames or number in seen:
            raise CoverageFileError(f"{where} is there twice")
        frames[image.id] = number
        seen.add(number)
    return frames
