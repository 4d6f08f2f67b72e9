from pathlib import Path

import numpy as np
import pytest

from tools.dataset.dataset import LabelledPicture
from tools.evaluate.average_precision import at_least, in_set, make_curve, make_curves

A, B = [0.0, 0.0, 20.0, 20.0], [50.0, 0.0, 10.0, 10.0]
NOWHERE = [80.0, 80.0, 10.0, 10.0]


def labelled(*boxes: list[float], difficulties: tuple[str, ...] = ()) -> LabelledPicture:
    return LabelledPicture(
        Path("p.png"), 100, 100, np.array(boxes, np.float32).reshape(-1, 4), difficulties
    )


def found(*rows: tuple[list[float], float]) -> np.ndarray[tuple[int, int], np.dtype[np.float32]]:
    return np.array([[*box, score] for box, score in rows], np.float32).reshape(-1, 5)


def test_a_detector_that_finds_all_and_nothing_else_has_an_average_precision_of_one() -> None:
    curve = make_curve([labelled(A, B)], [found((A, 0.9), (B, 0.5))], at_least(0))
    assert curve.average_precision == 1.0


def test_a_false_detection_costs_by_the_rank_of_its_score() -> None:
    last = make_curve([labelled(A, B)], [found((A, 0.9), (B, 0.5), (NOWHERE, 0.1))], at_least(0))
    first = make_curve([labelled(A, B)], [found((NOWHERE, 0.95), (A, 0.9), (B, 0.5))], at_least(0))
    assert last.average_precision == 1.0
    assert first.average_precision == pytest.approx(2 / 3)


def test_a_second_detection_of_a_face_counts_against() -> None:
    curve = make_curve([labelled(A, B)], [found((A, 0.9), (A, 0.8), (B, 0.7))], at_least(0))
    assert curve.average_precision == pytest.approx(0.5 + 0.5 * 2 / 3)


def test_a_face_outside_the_set_counts_neither_for_nor_against() -> None:
    picture = labelled(A, B, difficulties=("easy", "none"))
    curve = make_curve([picture], [found((B, 0.9), (A, 0.8))], in_set("easy"))
    assert (curve.faces, curve.average_precision) == (1, 1.0)


def test_harder_sets_hold_the_faces_of_the_easier_ones() -> None:
    picture = labelled(A, B, difficulties=("easy", "hard"))
    curves = make_curves([picture], [found((A, 0.9))])
    assert [curves[name].faces for name in ("easy", "medium", "hard")] == [1, 1, 2]
    assert curves["hard"].average_precision == 0.5


def test_data_without_difficulties_are_scored_by_height_alone() -> None:
    curves = make_curves([labelled(A, B)], [found((A, 0.9))])
    assert {name: curve.faces for name, curve in curves.items()} == {
        ">= 12 px": 1,
        ">= 20 px": 1,
        ">= 32 px": 0,
        ">= 64 px": 0,
    }


def test_recall_and_precision_are_known_at_each_threshold() -> None:
    curve = make_curve([labelled(A, B)], [found((A, 0.9), (NOWHERE, 0.6), (B, 0.3))], at_least(0))
    assert (curve.recall_at(0.5), curve.precision_at(0.5)) == (0.5, 0.5)
    assert (curve.recall_at(0.95), curve.precision_at(0.95)) == (0.0, 1.0)
