import json
from pathlib import Path

import numpy as np
import pytest
import skimage.data
from numpy.typing import NDArray
from PIL import Image

from tools.dataset.formats import read_dataset
from tools.evaluate.detectors import PictureDetector
from tools.fairness.measurement import measure

FACE = [178, 65, 92, 114]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A portrait with its face, a face of which nothing is known, and a small one."""
    pictures = tmp_path / "faces"
    pictures.mkdir()
    Image.fromarray(skimage.data.astronaut()).save(pictures / "1.png")
    images = [{"id": 1, "file_name": "1.png", "width": 512, "height": 512}]
    boxes = {7: FACE, 8: [10, 10, 40, 40], 9: [300, 10, 20, 20]}
    annotations = [{"id": face, "image_id": 1, "bbox": box} for face, box in boxes.items()]
    (tmp_path / "faces.json").write_text(json.dumps({"images": images, "annotations": annotations}))
    (tmp_path / "attributes.csv").write_text(
        "split,annotation_id,file,blur,illumination,occlusion,pose,skin,age,gender\n"
        "faces,7,1.png,clear,normal,none,typical,II,adult,female\n"
        "faces,9,1.png,clear,normal,none,typical,II,adult,female\n"
        "other,8,1.png,clear,normal,none,typical,II,adult,female\n"
    )
    return pictures


def finding(*rows: tuple[float, ...]) -> PictureDetector:
    """A detector that finds these boxes, each x, y, width, height and score."""

    def detect(_: NDArray[np.uint8]) -> NDArray[np.float32]:
        return np.array(rows, np.float32).reshape(-1, 5)

    return PictureDetector("simulated", 512, 512, detect)


@pytest.mark.parametrize(
    ("row", "missed", "leaks"),
    [
        ((*FACE, 0.9), False, False),
        ((*FACE, 0.2), True, True),
        ((178, 65, 92, 57, 0.9), False, True),
        ((300, 300, 92, 114, 0.9), True, True),
    ],
    ids=["found", "below the threshold", "half of it covered", "elsewhere"],
)
def test_a_face_is_missed_without_a_detection_and_leaks_where_it_can_be_seen(
    folder: Path, row: tuple[float, ...], missed: bool, leaks: bool
) -> None:
    (outcome,) = measure(read_dataset(folder).pictures, finding(row), 0.25)
    assert (outcome.missed, outcome.leaks) == (missed, leaks)
    assert (outcome.height, outcome.attributes.skin) == (114, "II")
