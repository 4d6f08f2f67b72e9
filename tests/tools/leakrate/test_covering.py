from pathlib import Path

import numpy as np
import pytest

from anoncam.errors import InputError
from tools.leakrate.covering import Covered, covered_part, faces_mask, paint, read_covered, reasons
from tools.leakrate.labels import Face, Labelled


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


def test_the_labelled_faces_are_widened_and_those_that_do_not_count_are_among_them() -> None:
    labelled = Labelled(100, 100, [[Face(0, (40, 40, 20, 20))]], [[(0, 0, 4, 4)]])
    mask = faces_mask(labelled, 0)
    assert mask[50, 36], "a quarter of the width at the sides"
    assert not mask[50, 34]
    assert mask[2, 2]


def test_the_covered_part_of_a_box_is_told() -> None:
    mask = paint([(0, 0, 10, 100)], 100, 100)
    assert covered_part(mask, (0, 0, 20, 20)) == 0.5


def test_each_leak_has_its_reason() -> None:
    leaks = [True, False, True, True, True, False]
    tracks = [1, 1, 1, 1, 2, 3]
    parts = [0.0, 0.9, 0.4, 0.0, 0.1, 0.0]
    assert reasons(leaks, tracks, parts) == [
        "found late",
        "",
        "box too small",
        "lost",
        "never detected",
        "",
    ]


def test_what_a_program_tells_is_read_again(tmp_path: Path) -> None:
    told = Covered(ellipses=True, frames=[[(1.0, 2.0, 3.0, 4.0)], []])
    told.write(tmp_path / "covered.json")
    assert read_covered(tmp_path / "covered.json") == told


def test_a_program_that_tells_nothing_or_nonsense_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="missing"):
        read_covered(tmp_path / "missing.json")
    (tmp_path / "nonsense.json").write_text('{"frames": [[1]]}')
    with pytest.raises(InputError, match="does not say"):
        read_covered(tmp_path / "nonsense.json")
