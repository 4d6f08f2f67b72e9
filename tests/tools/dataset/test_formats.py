import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from anoncam.errors import InputError
from tools.dataset.dataset import Dataset
from tools.dataset.formats import read_dataset

BOX = [10.0, 20.0, 30.0, 40.0]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    pictures = tmp_path / "faces"
    pictures.mkdir()
    for name in ("a.png", "b.png"):
        Image.new("RGB", (100, 80)).save(pictures / name)
    return pictures


def coco(folder: Path, annotations: list[object]) -> Path:
    labels = folder.with_name("faces.json")
    images = [{"id": 1, "file_name": "a.png", "width": 100, "height": 80}]
    lines = ",\n".join(json.dumps(annotation) for annotation in annotations)
    labels.write_text(
        '{"images":\n' + json.dumps(images) + ',\n"annotations": [\n' + lines + "\n]}"
    )
    return labels


def boxes_of(dataset: Dataset, name: str = "a.png") -> list[list[float]]:
    (picture,) = [picture for picture in dataset.pictures if picture.path.name == name]
    assert picture.boxes.dtype == np.float32
    return [[float(value) for value in box] for box in picture.boxes]


def voc(box: tuple[object, ...], name: str = "a.png") -> str:
    sides = "".join(
        f"<{side}>{value}</{side}>"
        for side, value in zip(("xmin", "ymin", "xmax", "ymax"), box, strict=True)
    )
    return (
        f"<annotation>\n<filename>{name}</filename>\n"
        f"<object><bndbox>{sides}</bndbox></object>\n</annotation>"
    )


def test_coco_json_is_read_with_its_difficulties(folder: Path) -> None:
    coco(folder, [{"id": 1, "image_id": 1, "bbox": BOX, "difficulty": "hard"}])
    found = read_dataset(folder)
    assert boxes_of(found) == [BOX]
    assert found.pictures[0].difficulties == ("hard",)
    assert str(found) == "COCO JSON: 1 pictures, 1 faces; face height 40 to 40 px"


@pytest.mark.parametrize(
    ("broken", "reason"),
    [
        ({"id": 2, "image_id": 1, "bbox": [1, 2, 3]}, "not four numbers"),
        ({"id": 2, "image_id": 1, "bbox": [1, 2, 0, 3]}, "no area"),
        ({"id": 2, "image_id": 1, "bbox": [200, 2, 3, 3]}, "outside the picture of 100x80"),
        ({"id": 2, "image_id": 9, "bbox": BOX}, "image_id 9"),
        ({"id": 2, "image_id": 1, "bbox": BOX, "difficulty": "odd"}, "'odd'"),
    ],
)
def test_a_broken_entry_of_coco_json_is_reported_by_its_line_and_the_others_are_read(
    folder: Path, broken: object, reason: str
) -> None:
    labels = coco(folder, [{"id": 1, "image_id": 1, "bbox": BOX}, broken])
    found = read_dataset(folder)
    assert boxes_of(found) == [BOX]
    (problem,) = found.broken
    assert (problem.file, problem.line) == (labels, 5)
    assert reason in str(problem)


def test_pascal_voc_xml_is_read_and_broken_files_are_reported_by_line(folder: Path) -> None:
    (folder / "a.xml").write_text(voc((10, 20, 40, 60)))
    (folder / "b.xml").write_text(voc((40, 20, 10, 60), "b.png"))
    (folder / "c.xml").write_text("<annotation>\n<oops>")
    (folder / "d.xml").write_text(voc((1, 2, 3, 4), "missing.png"))
    found = read_dataset(folder)
    assert found.kind == "Pascal VOC XML"
    assert boxes_of(found) == [BOX]
    assert [(broken.file.name, broken.line) for broken in found.broken] == [
        ("b.xml", 3),
        ("c.xml", 2),
        ("d.xml", 1),
    ]


def test_wider_text_is_read_with_pictures_that_have_no_face(folder: Path) -> None:
    folder.with_name("faces.txt").write_text(
        "a.png\n2\n10 20 30 40 0 0 0 0 0 0\n5 5 0 9\nb.png\n0\n0 0 0 0 0 0\n"
    )
    found = read_dataset(folder)
    assert found.kind == "WIDER text"
    assert boxes_of(found) == [BOX]
    assert boxes_of(found, "b.png") == []
    assert [(broken.line, "no area" in broken.reason) for broken in found.broken] == [(4, True)]


def test_a_wider_text_without_the_line_of_zeros_loses_no_picture(folder: Path) -> None:
    folder.with_name("faces.txt").write_text("b.png\n0\na.png\n1\n10 20 30 40\n")
    assert boxes_of(read_dataset(folder)) == [BOX]


def test_createml_json_is_read_with_centres_turned_into_corners(folder: Path) -> None:
    place = {"x": 25, "y": 40, "width": 30, "height": 40}
    entries = [
        {"image": "a.png", "annotations": [{"label": "face", "coordinates": place}]},
        {"image": "b.png", "annotations": [{"label": "face", "coordinates": {"x": 1}}]},
        {"image": "missing.png", "annotations": []},
    ]
    folder.with_name("faces.json").write_text("[" + ",\n".join(map(json.dumps, entries)) + "]")
    found = read_dataset(folder)
    assert found.kind == "CreateML JSON"
    assert boxes_of(found) == [BOX]
    assert [broken.line for broken in found.broken] == [2, 3]


def test_a_folder_without_labels_is_an_error_that_names_the_known_formats(folder: Path) -> None:
    with pytest.raises(InputError, match=r"has no labels .*COCO JSON, Pascal VOC XML"):
        read_dataset(folder)


def test_labels_that_could_be_either_of_two_files_are_an_error_that_names_both(
    folder: Path,
) -> None:
    for suffix in ("json", "txt"):
        folder.with_name(f"faces.{suffix}").write_text("[]")
    with pytest.raises(InputError, match=r"faces\.json, faces\.txt"):
        read_dataset(folder)


def test_labels_that_are_cut_off_are_an_error_that_names_the_file(folder: Path) -> None:
    folder.with_name("faces.json").write_text('[{"image": ')
    with pytest.raises(InputError, match=r"faces\.json: .*line 1"):
        read_dataset(folder)
