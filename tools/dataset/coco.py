"""COCO JSON: one file of `images` and `annotations`; `difficulty` is the set of WIDER FACE."""

import json
from pathlib import Path
from typing import Any

from tools.dataset.dataset import (
    DIFFICULTIES,
    Broken,
    Dataset,
    LabelledPicture,
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
    faces: dict[Any, list[dict[str, Any]]] = {number: [] for number in images}
    for annotation in content.get("annotations", []):
        if problem := _face_problem(annotation, images):
            found.broken.append(Broken(labels, _line(text, annotation), problem))
        else:
            faces[annotation["image_id"]].append(annotation)
    for number, image in images.items():
        difficulties = tuple(
            face["difficulty"] for face in faces[number] if face.get("difficulty") is not None
        )
        found.pictures.append(
            LabelledPicture(
                pictures / image["file_name"],
                image["width"],
                image["height"],
                as_boxes([face["bbox"] for face in faces[number]]),
                # A picture with one face of unknown set cannot be scored by sets.
                difficulties if len(difficulties) == len(faces[number]) else (),
                tuple(str(face.get("id", "")) for face in faces[number]),
            )
        )
    return found


def _picture_problem(image: object, pictures: Path) -> str:
    if not isinstance(image, dict):
        return "not a JSON object"
    for key, kind in (("id", (int, str)), ("file_name", str), ("width", int), ("height", int)):
        if not isinstance(image.get(key), kind):
            return f"{key} is missing or has the wrong type"
    return (
        ""
        if (pictures / image["file_name"]).is_file()
        else f"there is no picture {image['file_name']}"
    )


def _face_problem(annotation: object, images: dict[Any, dict[str, Any]]) -> str:
    if not isinstance(annotation, dict):
        return "not a JSON object"
    image = images.get(annotation.get("image_id"))
    if image is None:
        return f"no picture has the image_id {annotation.get('image_id')}"
    box = annotation.get("bbox")
    if not (
        isinstance(box, list)
        and len(box) == 4
        and all(isinstance(value, int | float) for value in box)
    ):
        return f"bbox {box} is not four numbers"
    if annotation.get("difficulty") not in (None, *DIFFICULTIES):
        return f"difficulty {annotation['difficulty']!r} is not one of {', '.join(DIFFICULTIES)}"
    return box_problem(box, image["width"], image["height"])


def _line(text: str, entry: object) -> int:
    """Find the line of an entry that common JSON writers put on one line or on several."""
    if not isinstance(entry, dict):
        return 1
    for separators in ((",", ":"), (", ", ": ")):
        offset = text.find(json.dumps(entry, separators=separators))
        if offset >= 0:
            return line_of(text, offset)
    start = text.find('"annotations"' if "image_id" in entry else '"images"')
    return line_of(text, text.find(f'"id": {json.dumps(entry.get("id"))}', max(0, start)))
