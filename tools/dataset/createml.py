"""CreateML JSON by Apple: a list of pictures with `annotations` of a box's centre and size."""

import json
from pathlib import Path

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
    """Read `labels`; names in it are relative to `pictures`."""
    text = labels.read_text()
    found = Dataset("CreateML JSON")
    offset = 0
    for entry in json.loads(text):
        name = (
            str(entry.get("image") or entry.get("imagefilename") or "")
            if isinstance(entry, dict)
            else ""
        )
        quoted = json.dumps(name)
        offset = max(offset, text.find(quoted, offset))
        size = picture_size(pictures / name) if name else None
        if size is None:
            found.broken.append(
                Broken(
                    labels, line_of(text, offset), f"there is no picture {name!r} that can be read"
                )
            )
            continue
        boxes = []
        # The n-th box of an entry belongs to the n-th `coordinates` in it.
        at = offset
        for annotation in entry.get("annotations", []):
            at = text.find('"coordinates"', at + 1)
            try:
                place = annotation["coordinates"]
                x, y, across, down = (float(place[key]) for key in ("x", "y", "width", "height"))
                box = [x - across / 2, y - down / 2, across, down]
                problem = box_problem(box, *size)
            except (LookupError, TypeError, ValueError) as error:
                problem = f"coordinates are missing or not numbers: {error}"
            if problem:
                found.broken.append(Broken(labels, line_of(text, at), problem))
            else:
                boxes.append(box)
        found.pictures.append(LabelledPicture(pictures / name, *size, as_boxes(boxes)))
    return found
