"""The format of the labels of a folder, and the reader for it."""

import json
from pathlib import Path

from anoncam.errors import InputError
from tools.dataset import coco, createml, voc, wider
from tools.dataset.dataset import Dataset, Reader

_REMEDY = (
    "known are COCO JSON, Pascal VOC XML, WIDER text and CreateML JSON, in the folder or beside it"
    " under its name"
)


def read_dataset(folder: Path) -> Dataset:
    """Read the pictures of `folder` with their labels.

    The labels are in the folder, or beside it in a file of its name (`faces.json`).

    Raises:
        InputError: there are no labels, several files could be the labels, or no picture is left.
    """
    labels, reader = _find(folder)
    try:
        found = reader(labels, folder)
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        raise InputError(f"{labels}: {error}", "repair the file") from error
    if not found.pictures:
        first = f"; first: {found.broken[0]}" if found.broken else ""
        raise InputError(f"{labels}: labels no picture that can be read{first}", _REMEDY)
    return found


def _find(folder: Path) -> tuple[Path, Reader]:
    beside = [folder.with_name(f"{folder.name}{suffix}") for suffix in (".json", ".txt")]
    candidates = [path for path in beside if path.is_file()] or [
        path for suffix in ("json", "txt") for path in sorted(folder.glob(f"*.{suffix}"))
    ]
    if len(candidates) > 1:
        names = ", ".join(path.name for path in candidates)
        raise InputError(f"{folder}: the labels could be any of {names}", "keep only one of them")
    if candidates:
        return candidates[0], _reader_of(candidates[0])
    for place in (folder, folder / "Annotations"):
        if next(place.glob("*.xml"), None):
            return place, voc.read
    raise InputError(f"{folder}: has no labels", _REMEDY)


def _reader_of(labels: Path) -> Reader:
    if labels.suffix == ".txt":
        return wider.read
    start = labels.read_text()[:4096].lstrip()
    return createml.read if start.startswith("[") else coco.read
