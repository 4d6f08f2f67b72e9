from dataclasses import fields, replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from tools.dataset.dataset import LabelledPicture
from tools.train.hard_negatives import HardNegatives
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


def test_a_rotated_face_lies_in_the_middle_of_its_box_and_some_faces_lie_on_their_side(
    labelled: LabelledPicture,
) -> None:
    lying = 0
    for seed in range(150):
        sample = sample_of(labelled, replace(NONE, rotate=True), seed)
        found, (box,) = red(sample.picture), sample.boxes
        assert found[inside(box, 1)].sum() > 0.8 * found.sum()
        centre = np.argwhere(found).mean(axis=0)[::-1] + 0.5
        np.testing.assert_allclose((box[:2] + box[2:]) / 2, centre, atol=1.5)
        lying += bool(box[2] - box[0] > 1.1 * (box[3] - box[1]))
    assert 3 < lying < 40


def test_bars_change_only_the_face_and_a_little_around_it(labelled: LabelledPicture) -> None:
    barred = 0
    for seed in range(200):
        plain, sample = (
            sample_of(labelled, NONE, seed),
            sample_of(labelled, replace(NONE, bars=True), seed),
        )
        changed = (plain.picture != sample.picture).any(axis=2)
        assert not changed[~inside(sample.boxes[0], 10)].any()
        assert not changed.all()
        np.testing.assert_array_equal(plain.boxes, sample.boxes)
        barred += bool(changed.any())
    assert 0 < barred < 30


def test_motion_blurs_in_any_direction_and_moves_no_face(labelled: LabelledPicture) -> None:
    softened = []
    for seed in range(300):
        plain, sample = (
            sample_of(labelled, NONE, seed),
            sample_of(labelled, replace(NONE, motion_blur=True), seed),
        )
        if (plain.picture != sample.picture).any():
            before, after = (each.picture[8:-8, 8:-8].astype(int) for each in (plain, sample))
            softened.append(
                [
                    np.abs(np.diff(after, axis=axis)).max()
                    < 0.7 * np.abs(np.diff(before, axis=axis)).max()
                    for axis in (0, 1)
                ]
            )
            centres = [
                np.average(np.argwhere(redness), axis=0, weights=redness[redness > 0])
                for redness in (
                    np.clip(each[..., 0] - each[..., 1], 0, None) for each in (before, after)
                )
            ]
            np.testing.assert_allclose(centres[0], centres[1], atol=1)
    assert 0 < len(softened) < 60
    assert np.any(softened, axis=0).all()


def test_halftone_darkens_between_its_dots_alone(labelled: LabelledPicture) -> None:
    printed = 0
    for seed in range(300):
        plain, sample = (
            sample_of(labelled, NONE, seed),
            sample_of(labelled, replace(NONE, halftone=True), seed),
        )
        assert (sample.picture <= plain.picture).all()
        if (plain.picture != sample.picture).any():
            printed += 1
            seen = plain.picture[..., 0] > 0
            part = sample.picture[..., 0][seen] / plain.picture[..., 0][seen]
            assert part.max() > 0.9
            assert 0.45 < part.min() < 0.6
    assert 0 < printed < 30


def test_a_face_outside_of_all_sets_is_ignored_and_stays_in_the_picture(
    labelled: LabelledPicture,
) -> None:
    sample = sample_of(replace(labelled, difficulties=("none",)), NONE, 1)
    assert not len(sample.boxes)
    assert red(sample.picture)[inside(sample.ignored[0], -2)].all()


def test_a_heavily_occluded_face_is_ignored(labelled: LabelledPicture) -> None:
    folder = labelled.path.parent
    folder.with_name("attributes.csv").write_text(
        "split,annotation_id,file,blur,illumination,occlusion,pose,skin,age,gender\n"
        f"{folder.name},7,picture.png,none,normal,heavy,typical,,,\n"
    )
    sample = sample_of(replace(labelled, ids=("7",)), NONE, 1)
    assert (len(sample.boxes), len(sample.ignored)) == (0, 1)


def test_crops_go_to_hard_negatives_too_whose_boxes_follow_them(tmp_path: Path) -> None:
    picture = np.full((100, 800, 3), 90, np.uint8)
    picture[30:70, 700:740] = (220, 30, 30)
    Image.fromarray(picture).save(tmp_path / "wide.png")
    face = np.array([(40, 30, 40, 50)], np.float32)
    wide = LabelledPicture(tmp_path / "wide.png", 800, 100, face)
    mined = HardNegatives(np.array([[700.0, 30, 740, 70]]), np.array([[90.0, 30, 120, 70]]))
    shown = []
    for seed in range(300):
        switches = replace(NONE, crop=True, flip=True)
        sample = make_sample(wide, SIDE, switches, np.random.default_rng(seed), mined)
        assert red(sample.picture).any() == (len(sample.hard_negatives) > 0)
        for box in sample.hard_negatives:
            assert not red(sample.picture)[~inside(box, 2)].any()
        if not len(sample.boxes) + len(sample.ignored):
            shown.append(len(sample.hard_negatives))
    # Many crops have a part of the picture alone; of these, some are made around the negative.
    assert sum(shown) > 10
