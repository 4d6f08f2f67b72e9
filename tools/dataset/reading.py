"""Find out in which format a folder's labels are, and read them."""

import json
from pathlib import Path

from anoncam.errors import InputError
from tools.dataset import coco, createml, voc, wider
from tools.dataset.dataset import Dataset, Reader

_REMEDY = "known: COCO JSON, Pascal VOC XML, WIDER text and CreateML JSON, in the folder or named like it beside it"


def read_dataset(folder: Path) -> Dataset:
    """Read the pictures of `folder` with the labels in it, or beside it in a file of its name
    (`faces.json`).

    Raises:
        InputError: no labels are found, more than one file could be them, or no picture is left.
    """
    labels, reader = _find(folder)
    try:
        found = reader(labels, folder)
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        raise InputError(f"{labels}: {error}", "repair the file") from error
    if not found.pictures:
        first = f"; first: {found.broken[0]}" if found.broken else ""
        raise InputError(f"{labels}: holds no picture with labels{first}", _REMEDY)
    return found


def _find(folder: Path) -> tuple[Path, Reader]:
    beside = [folder.with_name(f"{folder.name}{suffix}") for suffix in (".json", ".txt")]
    candidates = [path for path in beside if path.is_file()] or [
        path for suffix in ("json", "txt") for path in sorted(folder.glob(f"*.{suffix}"))
    ]
    if len(candidates) > 1:
        names = ", ".join(path.name for path in candidates)
        raise InputError(f"{folder}: the labels could be any of {names}", "leave one of them there")
    if candidates:
        return candidates[0], _reader_of(candidates[0])
    for place in (folder, folder / "Annotations"):
        if next(place.glob("*.xml"), None):
            return place, voc.read
    raise InputError(f"{folder}: no labels are found", _REMEDY)


def _reader_of(labels: Path) -> Reader:
    if labels.suffix == ".txt":
        return wider.read
    start = labels.read_text()[:4096].lstrip()
    return createml.read if start.startswith("[") else coco.read
