from dataclasses import fields, replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from tools.dataset.dataset import LabelledPicture
from tools.train.samples import Augmentations, Sample, make_sample

NONE = Augmentations(**{entry.name: False for entry in fields(Augmentations)})
SIDE = 128
SEEDS = range(30)

# One face, red in a grey picture: x, y, width, height.
FACE = (60, 30, 40, 50)


@pytest.fixture
def labelled(tmp_path: Path) -> LabelledPicture:
    picture = np.full((120, 200, 3), 90, np.uint8)
    x, y, width, height = FACE
    picture[y : y + height, x : x + width] = (220, 30, 30)
    Image.fromarray(picture).save(tmp_path / "picture.png")
    return LabelledPicture(tmp_path / "picture.png", 200, 120, np.array([FACE], np.float32))


def sample_of(labelled: LabelledPicture, switches: Augmentations, seed: int) -> Sample:
    return make_sample(labelled, SIDE, switches, np.random.default_rng(seed))


def red(picture: NDArray[np.uint8]) -> NDArray[np.bool_]:
    values = picture.astype(int)
    return np.asarray(values[..., 0] > values[..., 1:].max(axis=2) + 40)


def inside(box: NDArray[np.float32], margin: float) -> NDArray[np.bool_]:
    left, top, right, bottom = box + np.array([-margin, -margin, margin, margin])
    rows, columns = np.mgrid[:SIDE, :SIDE] + 0.5
    return np.asarray((rows > top) & (rows < bottom) & (columns > left) & (columns < right))


@pytest.mark.parametrize("name", ["", *(entry.name for entry in fields(Augmentations))])
def test_the_same_random_numbers_make_the_same_sample(labelled: LabelledPicture, name: str) -> None:
    switches = replace(NONE, **{name: True}) if name else NONE
    one, other = sample_of(labelled, switches, 5), sample_of(labelled, switches, 5)
    np.testing.assert_array_equal(one.picture, other.picture)
    np.testing.assert_array_equal(one.boxes, other.boxes)


@pytest.mark.parametrize("switches", [NONE, replace(NONE, crop=True), replace(NONE, flip=True)])
@pytest.mark.parametrize("seed", SEEDS)
def test_a_box_goes_where_its_face_goes(
    labelled: LabelledPicture, switches: Augmentations, seed: int
) -> None:
    sample = sample_of(labelled, switches, seed)
    assert sample.picture.shape == (SIDE, SIDE, 3)
    found = red(sample.picture)
    if not len(sample.boxes):
        assert not found.any()
        return
    (box,) = sample.boxes
    assert not found[~inside(box, 2)].any()
    assert found[inside(box, -2)].all()


def test_a_face_that_is_mostly_outside_the_crop_is_painted_over(tmp_path: Path) -> None:
    picture = np.full((120, 300, 3), 90, np.uint8)
    picture[30:80, 40:80] = picture[30:80, 180:220] = (220, 30, 30)
    Image.fromarray(picture).save(tmp_path / "two.png")
    two = LabelledPicture(
        tmp_path / "two.png", 300, 120, np.array([(40, 30, 40, 50), (180, 30, 40, 50)], np.float32)
    )
    left_out = 0
    for seed in range(150):
        sample = sample_of(two, replace(NONE, crop=True), seed)
        known = (
            np.any([inside(box, 2) for box in sample.boxes], axis=0)
            if len(sample.boxes)
            else np.zeros(1, bool)
        )
        assert not (red(sample.picture) & ~known).any()
        left_out += len(sample.boxes) < 2
    assert left_out > 0


def test_half_of_the_pictures_are_flipped(labelled: LabelledPicture) -> None:
    centres = [
        sample_of(labelled, replace(NONE, flip=True), seed).boxes[0, [0, 2]].mean()
        for seed in SEEDS
    ]
    assert 0.2 < np.mean(np.array(centres) > SIDE / 2) < 0.8


def test_a_turned_face_lies_mostly_in_its_box(labelled: LabelledPicture) -> None:
    turned = 0
    for seed in range(150):
        sample = sample_of(labelled, replace(NONE, turn=True), seed)
        found, (box,) = red(sample.picture), sample.boxes
        assert found[inside(box, 1)].sum() > 0.9 * found.sum()
        turned += bool(found[inside(box, -2)].mean() < 0.99)
    assert turned > 0


def test_a_mask_changes_only_the_face(labelled: LabelledPicture) -> None:
    masked = 0
    for seed in range(60):
        plain, sample = (
            sample_of(labelled, NONE, seed),
            sample_of(labelled, replace(NONE, mask=True), seed),
        )
        changed = (plain.picture != sample.picture).any(axis=2)
        assert not changed[~inside(sample.boxes[0], 1)].any()
        masked += bool(changed.any())
    assert 0 < masked < 30


@pytest.mark.parametrize(("name", "sign"), [("brighten", 1), ("darken", -1)])
def test_light_changes_in_the_direction_of_its_name(
    labelled: LabelledPicture, name: str, sign: int
) -> None:
    differences = [
        sample_of(labelled, replace(NONE, **{name: True}), seed).picture.mean()
        - sample_of(labelled, NONE, seed).picture.mean()
        for seed in range(80)
    ]
    changed = [difference for difference in differences if abs(difference) > 0.1]
    assert 0 < len(changed) < 60
    assert sign * min(changed, key=lambda difference: sign * difference) > -1


def test_blur_softens_edges_and_moves_no_face(labelled: LabelledPicture) -> None:
    blurred = 0
    for seed in range(120):
        plain, sample = (
            sample_of(labelled, NONE, seed),
            sample_of(labelled, replace(NONE, blur=True), seed),
        )
        np.testing.assert_array_equal(plain.boxes, sample.boxes)
        if (plain.picture != sample.picture).any():
            blurred += 1
            before, after = (
                np.abs(np.diff(each.picture.astype(int), axis=1)).max() for each in (plain, sample)
            )
            assert after < before
    assert blurred > 0
