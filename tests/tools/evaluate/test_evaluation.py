from pathlib import Path

import numpy as np

from tools.dataset.dataset import LabelledPicture
from tools.evaluate.average_precision import make_curves
from tools.evaluate.detectors import PictureDetector
from tools.evaluate.evaluation import Evaluation, evaluate, lines

FACE, NOWHERE = [0.0, 0.0, 20.0, 20.0], [80.0, 80.0, 10.0, 10.0]


def evaluated() -> Evaluation:
    pictures = [LabelledPicture(Path("p.png"), 100, 100, np.array([FACE], np.float32))]
    found = [np.array([[*FACE, 0.9], [*NOWHERE, 0.3]], np.float32)]
    detector = PictureDetector("mine", 320, 320, lambda _picture: found[0], [0.01, 0.02, 0.09])
    return evaluate(detector, pictures, found, make_curves(pictures, found), 0.5)


def test_an_evaluation_has_the_median_latency_and_a_set_for_each_height() -> None:
    evaluation = evaluated()
    assert evaluation.latency == 0.02
    figures = evaluation.sets[">= 12 px"]
    assert (figures.faces, figures.average_precision) == (1, 1.0)
    assert (figures.recall, figures.precision) == (1.0, 1.0)


def test_a_lower_threshold_covers_more_falsely() -> None:
    covered = {each.score: each.falsely_covered for each in evaluated().thresholds}
    assert (covered[0.2], covered[0.5]) == (0.01, 0.0)


def test_a_set_without_faces_has_no_average_precision() -> None:
    evaluation = evaluated()
    assert evaluation.sets[">= 64 px"].average_precision is None
    (line,) = (line for line in lines(evaluation, 0.5) if line.startswith("  >= 64 px"))
    assert line.split()[:5] == [">=", "64", "px", "0", "-"]
