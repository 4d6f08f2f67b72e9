import numpy as np
import pytest

from tools.leakrate.coverage_mask import covered_part, faces_mask, paint
from tools.leakrate.labels import Face, LabelledClip


def test_boxes_are_painted_where_they_are_and_cut_at_the_border() -> None:
    mask = paint([(10, 5, 20, 10), (-10, -10, 12, 12)], 64, 48)
    assert mask.sum() == 20 * 10 + 2 * 2
    assert mask[5, 10]
    assert not mask[4, 10]


def test_an_ellipse_covers_its_part_of_the_box() -> None:
    mask = paint([(0, 0, 60, 40)], 64, 48, ellipses=True)
    assert mask.sum() == pytest.approx(np.pi / 4 * 60 * 40, rel=0.02)
    assert not mask[0, 0]
    assert mask[20, 30]


def test_all_labelled_faces_are_widened_also_those_that_do_not_count() -> None:
    labelled = LabelledClip(100, 100, [[Face(0, (40, 40, 20, 20))]], [[(0, 0, 4, 4)]])
    mask = faces_mask(labelled, 0)
    assert mask[50, 36], "a quarter of the width at the sides"
    assert not mask[50, 34]
    assert mask[2, 2]


def test_the_covered_part_of_a_box_is_computed() -> None:
    mask = paint([(0, 0, 10, 100)], 100, 100)
    assert covered_part(mask, (0, 0, 20, 20)) == 0.5
