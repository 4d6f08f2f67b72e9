from pathlib import Path

import numpy as np
import pytest

from tools.dataset.dataset import LabelledPicture
from tools.evaluate.false_coverage import falsely_covered

FACE, NOWHERE = [0.0, 0.0, 20.0, 20.0], [80.0, 80.0, 10.0, 10.0]


def test_only_detections_outside_every_face_cover_falsely() -> None:
    picture = LabelledPicture(Path("p.png"), 100, 100, np.array([FACE], np.float32))
    detections = np.array([[*FACE, 0.9], [*NOWHERE, 0.6]], np.float32)
    assert falsely_covered([picture], [detections], 0.5) == pytest.approx(0.01)
    assert falsely_covered([picture], [detections], 0.7) == 0.0
