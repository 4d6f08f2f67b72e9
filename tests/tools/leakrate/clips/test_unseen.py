import json
from pathlib import Path

import pytest
import skimage.data
from PIL import Image

from tools.dataset.formats import read_dataset
from tools.leakrate.clips.unseen import unseen_faces

pytestmark = pytest.mark.integration

FACE = [178.0, 65.0, 92.0, 114.0]
SKY = [20.0, 20.0, 30.0, 30.0]


def unseen(folder: Path, blur: str, box: list[float]) -> frozenset[int]:
    pictures = folder / "faces"
    pictures.mkdir()
    Image.fromarray(skimage.data.astronaut()).save(pictures / "1.png")
    images = [{"id": 1, "file_name": "1.png", "width": 512, "height": 512}]
    annotations = [{"id": 7, "image_id": 1, "bbox": box}]
    (folder / "faces.json").write_text(json.dumps({"images": images, "annotations": annotations}))
    (folder / "attributes.csv").write_text(
        "split,annotation_id,file,blur,illumination,occlusion,pose,skin,age,gender\n"
        f"faces,7,1.png,{blur},normal,none,typical,,,\n"
    )
    return unseen_faces(read_dataset(pictures).pictures[0])


def test_a_blurred_label_where_no_detector_finds_a_face_is_unseen(tmp_path: Path) -> None:
    assert unseen(tmp_path, "heavy", SKY) == {0}


def test_a_blurred_label_where_a_detector_finds_a_face_counts(tmp_path: Path) -> None:
    assert unseen(tmp_path, "heavy", FACE) == frozenset()


def test_a_clear_label_counts_even_where_no_detector_finds_a_face(tmp_path: Path) -> None:
    assert unseen(tmp_path, "clear", SKY) == frozenset()


def test_a_label_of_a_few_pixels_is_unseen(tmp_path: Path) -> None:
    assert unseen(tmp_path, "clear", [20.0, 20.0, 6.0, 6.0]) == {0}
