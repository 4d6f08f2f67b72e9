"""Pascal VOC XML: one file for each picture, boxes from `xmin`, `ymin` to `xmax`, `ymax`."""

from pathlib import Path
from xml.etree import ElementTree
from xml.parsers import expat

from anoncam.errors import InputError
from tools.dataset.dataset import (
    Broken,
    Dataset,
    LabelledPicture,
    as_boxes,
    box_problem,
    line_of,
    picture_size,
)


def read(labels: Path, pictures: Path) -> Dataset:
    """Read every XML file in the folder `labels`.

    The pictures that they name are in `pictures` or beside the files.
    """
    found = Dataset("Pascal VOC XML")
    for file in sorted(labels.glob("*.xml")):
        text = file.read_text()
        try:
            _read_one(file, text, pictures, found)
        except ElementTree.ParseError as error:
            found.broken.append(Broken(file, error.position[0], expat.ErrorString(error.code)))
        except InputError as error:
            found.broken.append(Broken(file, 1, str(error)))
    return found


def _read_one(file: Path, text: str, pictures: Path, found: Dataset) -> None:
    # The files are the user's own. The parser fetches nothing, and expat limits the growth of
    # entities.
    root = ElementTree.fromstring(text)  # noqa: S314
    name = root.findtext("filename") or f"{file.stem}.jpg"
    path = next(
        (place / name for place in (pictures, file.parent) if (place / name).is_file()), None
    )
    size = picture_size(path) if path else None
    if path is None or size is None:
        raise InputError(f"there is no picture {name} that can be read")
    boxes, offset = [], -1
    for entry in root.iter("object"):
        offset = text.find("<object", offset + 1)
        try:
            left, top, right, bottom = (
                float(entry.findtext(f"bndbox/{side}") or "nan")
                for side in ("xmin", "ymin", "xmax", "ymax")
            )
            problem = box_problem([left, top, right - left, bottom - top], *size)
        except ValueError as error:
            problem = str(error)
        if problem:
            found.broken.append(Broken(file, line_of(text, offset), problem))
        else:
            boxes.append([left, top, right - left, bottom - top])
    found.pictures.append(LabelledPicture(path, *size, as_boxes(boxes)))
