"""What goes to COCO comes back exactly, but for what a person has changed."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given

from anoncam.errors import CoverageFileError
from anoncam.review.coco import from_coco, to_coco
from anoncam.review.document import CoverageDocument
from anoncam.tracking.coverage import Coverage
from tests.support.documents import FACE, document_of, documents

BASE = document_of([Coverage((FACE,))] * 4 + [Coverage(veil="late")] * 2)


def read(tmp_path: Path, coco: object, base: CoverageDocument = BASE) -> CoverageDocument:
    path = tmp_path / "coco.json"
    path.write_text(json.dumps(coco))
    return from_coco(path, base)


def exported() -> dict[str, Any]:
    coco: dict[str, Any] = json.loads(to_coco(BASE).model_dump_json(exclude_none=True))
    return coco


@given(documents())
def test_what_nobody_has_changed_comes_back_exactly(
    tmp_path_factory: pytest.TempPathFactory, document: CoverageDocument
) -> None:
    path = tmp_path_factory.mktemp("coco") / "coco.json"
    path.write_text(to_coco(document).model_dump_json(exclude_none=True))
    assert from_coco(path, document) == document


def test_also_without_the_keys_that_other_tools_do_not_know(tmp_path: Path) -> None:
    coco = exported()
    for image in coco["images"]:
        del image["frame"]
    for annotation in coco["annotations"]:
        annotation.pop("track", None)
        annotation["segmentation"] = []
    assert read(tmp_path, coco) == BASE


def test_a_box_of_any_other_category_is_covered(tmp_path: Path) -> None:
    coco = exported()
    coco["categories"].append({"id": 7, "name": "person"})
    coco["annotations"] = [{"id": 1, "image_id": 2, "category_id": 7, "bbox": [1, 2, 3, 4]}]
    document = read(tmp_path, coco)
    [track] = document.tracks
    assert (track.id, track.spans[0].keys, document.veiled) == ("hand 1", ((1, 1, 2, 4, 6),), ())


@pytest.mark.parametrize(
    ("place", "value", "said"),
    [
        (["images"], 1, "images: "),
        (["images", 0, "frame"], 99, "images[0] is no frame"),
        (["images", 0, "frame"], 1, "images[1] is there twice"),
        (["images", 0, "width"], 99, "images[0] has another size"),
        (["annotations", 0, "image_id"], 99, "annotations[0] is of no image"),
        (["annotations", 0, "image_id"], 2, "annotations[1] is a second box"),
        (["annotations", 0, "bbox"], [1, 2, -3, 4], "annotations[0].bbox[2]: "),
        (["annotations", 0, "bbox"], [1, 2, 1e300, 4], "cannot be used"),
        (["annotations", 0, "track"], "\x1b", "annotations[0].track: "),
    ],
)
def test_what_cannot_be_used_is_refused_with_its_place(
    tmp_path: Path, place: list[str | int], value: object, said: str
) -> None:
    coco = exported()
    part: Any = coco
    for step in place[:-1]:
        part = part[step]
    part[place[-1]] = value
    with pytest.raises(CoverageFileError) as caught:
        read(tmp_path, coco)
    assert said in str(caught.value)
