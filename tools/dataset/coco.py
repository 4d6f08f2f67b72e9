"""COCO JSON: `images` and `annotations` in one file; `difficulty` of an annotation is WIDER FACE's
set.
"""

import json
from pathlib import Path
from typing import Any

from tools.dataset.dataset import (
    DIFFICULTIES,
    Broken,
    Dataset,
    Labelled,
    as_boxes,
    box_problem,
    line_of,
)


def read(labels: Path, pictures: Path) -> Dataset:
    """Read `labels`; file names in it are relative to `pictures`."""
    text = labels.read_text()
    content = json.loads(text)
    found = Dataset("COCO JSON")
    images: dict[Any, dict[str, Any]] = {}
    for image in content.get("images", []):
        if problem := _picture_problem(image, pictures):
            found.broken.append(Broken(labels, _line(text, image), problem))
        else:
            images[image["id"]] = image
    faces: dict[Any, list[tuple[list[float], str | None]]] = {number: [] for number in images}
    for annotation in content.get("annotations", []):
        if problem := _face_problem(annotation, images):
            found.broken.append(Broken(labels, _line(text, annotation), problem))
        else:
            faces[annotation["image_id"]].append((annotation["bbox"], annotation.get("difficulty")))
    for number, image in images.items():
        difficulties = tuple(
            difficulty for _, difficulty in faces[number] if difficulty is not None
        )
        found.pictures.append(
            Labelled(
                pictures / image["file_name"],
                image["width"],
                image["height"],
                as_boxes([box for box, _ in faces[number]]),
                # One face without a set, and the picture cannot be scored by sets.
                difficulties if len(difficulties) == len(faces[number]) else (),
            )
        )
    return found


def _picture_problem(image: object, pictures: Path) -> str:
    if not isinstance(image, dict):
        return "this is no object"
    for key, kind in (("id", (int, str)), ("file_name", str), ("width", int), ("height", int)):
        if not isinstance(image.get(key), kind):
            return f"{key} is missing or of the wrong kind"
    return (
        ""
        if (pictures / image["file_name"]).is_file()
        else f"there is no picture {image['file_name']}"
    )


def _face_problem(annotation: object, images: dict[Any, dict[str, Any]]) -> str:
    if not isinstance(annotation, dict):
        return "this is no object"
    image = images.get(annotation.get("image_id"))
    if image is None:
        return f"image_id {annotation.get('image_id')} is that of no picture"
    box = annotation.get("bbox")
    if not (
        isinstance(box, list)
        and len(box) == 4
        and all(isinstance(value, int | float) for value in box)
    ):
        return f"bbox {box} is not four numbers"
    if annotation.get("difficulty") not in (None, *DIFFICULTIES):
        return f"difficulty {annotation['difficulty']!r} is none of {', '.join(DIFFICULTIES)}"
    return box_problem(box, image["width"], image["height"])


def _line(text: str, entry: object) -> int:
    """Where an entry stands, as the common writers of JSON put it: in one line, or spread over
    several.
    """
    if not isinstance(entry, dict):
        return 1
    for separators in ((",", ":"), (", ", ": ")):
        offset = text.find(json.dumps(entry, separators=separators))
        if offset >= 0:
            return line_of(text, offset)
    start = text.find('"annotations"' if "image_id" in entry else '"images"')
    return line_of(text, text.find(f'"id": {json.dumps(entry.get("id"))}', max(0, start)))
