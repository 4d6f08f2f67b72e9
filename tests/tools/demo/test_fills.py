from dataclasses import replace

import numpy as np
import pytest

from tools.demo.fills import FILLS, Example, examples, hide, make_sheet


def test_the_sheet_shows_each_example_as_it_is_and_by_each_fill() -> None:
    shown = examples()
    sheet = np.asarray(make_sheet(shown))
    side = shown[0].picture.shape[0]
    assert sheet.shape[:2] == (22 + len(shown) * (side + 8), 8 + (1 + len(FILLS)) * (side + 8))
    for row, example in enumerate(shown):
        top = 22 + row * (side + 8)
        assert np.array_equal(sheet[top : top + side, 8 : 8 + side], example.picture)


@pytest.mark.parametrize("example", examples(), ids=lambda example: example.name)
def test_all_faces_of_an_example_are_covered(example: Example) -> None:
    for fill in FILLS:
        hidden = hide(example, fill).astype(int)
        for left, top, right, bottom in example.faces:
            face = slice(round(top), round(bottom)), slice(round(left), round(right))
            assert np.abs(hidden[face] - example.picture[face]).mean() > 5


def test_only_mean_depends_on_the_face() -> None:
    portrait = examples()[0]
    left, top, right, bottom = portrait.faces[0]
    other = portrait.picture.copy()
    other[round(top) + 4 : round(bottom) - 4, round(left) + 4 : round(right) - 4] = 30
    depends = [
        fill
        for fill in FILLS
        if not np.array_equal(hide(portrait, fill), hide(replace(portrait, picture=other), fill))
    ]
    assert depends == ["mean"]
