from itertools import combinations
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("cv2", reason="OpenCV is not installed (make test-tools installs it)")
pytest.importorskip("sklearn", reason="scikit-learn is not installed (make test-tools installs it)")

from tools.reidentify import attackers, recognition
from tools.reidentify.attackers import ATTACKERS, Hidden, Situation, join
from tools.reidentify.hiding import CLEAR, DEFAULT, HIDINGS, jitter
from tools.reidentify.portraits import SIDE, LandmarkFinder, Portrait, read_people
from tools.reidentify.recognition import Recogniser, align, normalise
from tools.reidentify.scoring import rate, rate_among
from tools.reidentify.showing import show_moving, show_stills

PEOPLE = 40


@pytest.fixture
def random() -> np.random.Generator:
    return np.random.default_rng(0)


def make_hidden(colours: np.ndarray, people: range, random: np.random.Generator) -> Hidden:
    """Noisy faces of the given colours, of shape (n, 3), and a vector for each that follows from
    its colour."""
    faces = (
        (colours[:, None, None, :] + random.normal(0, 6, (len(colours), 112, 112, 3)))
        .clip(0, 255)
        .astype(np.uint8)
    )
    clear = normalise((colours - 128).astype(np.float32))
    return Hidden(
        faces,
        faces,
        random.normal(0, 1e-3, (len(colours), 4)).astype(np.float32),
        np.array(people),
        clear,
    )


@pytest.mark.parametrize("name", [name for name in ATTACKERS if name.startswith("trained")])
def test_a_trained_attacker_names_faces_whose_colour_is_left(
    name: str, random: np.random.Generator
) -> None:
    colours = random.integers(0, 256, (PEOPLE, 3))
    strangers = random.integers(0, 256, (200, 3))
    others = [make_hidden(strangers, range(PEOPLE, PEOPLE + 200), random) for _ in range(3)]
    first, second = (make_hidden(colours, range(PEOPLE), random) for _ in range(2))
    closer = ATTACKERS[name](
        Situation(first, second, join([first, second, *others]), None)  # type: ignore[arg-type]
    )
    assert (~closer.any(axis=1)).mean() > 0.6


def test_nobody_is_named_by_an_attacker_who_has_learnt_from_him(
    monkeypatch: pytest.MonkeyPatch, random: np.random.Generator
) -> None:
    known = make_hidden(random.integers(0, 256, (PEOPLE, 3)), range(PEOPLE), random)
    tested = np.zeros(PEOPLE, int)
    for chosen, learning in attackers._folds(Situation(known, known, join([known, known]), None)):  # type: ignore[arg-type]
        assert not set(np.flatnonzero(chosen)) & set(learning.people)
        tested += chosen
    assert (tested == 1).all()


def test_the_box_of_a_detector_that_makes_no_mistake_is_the_true_one(
    random: np.random.Generator,
) -> None:
    assert jitter((10.0, 20.0, 40.0, 60.0), 0.0, random) == (10.0, 20.0, 40.0, 60.0)


def test_landmarks_that_lie_as_the_recogniser_wants_leave_the_picture_as_it_is(
    random: np.random.Generator,
) -> None:
    picture = random.integers(0, 256, (112, 112, 3), np.uint8)
    difference = align(picture, recognition._TEMPLATE.copy()).astype(int) - picture
    assert np.abs(difference).mean() < 1


def test_a_face_at_half_the_scale_shows_what_lies_around_it(random: np.random.Generator) -> None:
    picture = random.integers(0, 256, (224, 224, 1), np.uint8).repeat(3, axis=2)
    picture[56:168, 56:168] = 255
    wide = align(picture, recognition._TEMPLATE + 56, zoom=0.5)
    assert (wide[30:82, 30:82] == 255).all()
    assert wide[:24].mean() < 160


def test_rounds_steady_a_rate_but_do_not_make_it_surer() -> None:
    once = ~np.eye(50, dtype=bool)[None].repeat(2, axis=0)[None]
    once[0, 0, :10] = False
    assert rate(np.repeat(once, 5, axis=0)) == rate(once)
    assert (rate(once).rate, rate(once).chance) == (0.1, 0.02)
    # Clopper and Pearson's interval for 10 of 100.
    assert (rate(once).low, rate(once).high) == pytest.approx((0.0490, 0.1762), abs=1e-4)


def test_the_rate_in_smaller_galleries_is_that_of_all_that_can_be_drawn(
    random: np.random.Generator,
) -> None:
    closer = random.random((2, 2, 7, 7)) < 0.3
    closer[..., np.arange(7), np.arange(7)] = False
    drawn = [
        not closer[number, direction, probe, list(others)].any()
        for number, direction, probe in np.ndindex(2, 2, 7)
        for others in combinations(set(range(7)) - {probe}, 3)
    ]
    assert rate_among(closer, 4).rate == pytest.approx(np.mean(drawn))
    assert rate_among(closer, 4).chance == 0.25


def test_guessing_lies_within_the_interval_of_smaller_galleries_95_times_of_100(
    random: np.random.Generator,
) -> None:
    people, within = 40, 0
    for _ in range(200):
        likeness = random.normal(size=(1, 2, people, people))
        own = likeness[..., np.arange(people), np.arange(people)]
        found = rate_among(likeness > own[..., None], 10)
        within += found.low <= 0.1 <= found.high
    assert 180 <= within <= 200


@pytest.mark.parametrize("name", list(HIDINGS))
def test_each_way_to_hide_changes_what_lies_in_the_box_and_no_more_than_it_covers(
    name: str, random: np.random.Generator
) -> None:
    # Grey, since halved chroma changes the colours of single pixels wherever they are.
    picture = random.integers(0, 256, (SIDE, SIDE, 1), np.uint8).repeat(3, axis=2)
    hidden = HIDINGS[name].make()(picture, (100.0, 90.0, 160.0, 170.0), "track 1")
    changed = np.abs(hidden.astype(int) - picture).mean(axis=2)
    if name == CLEAR:
        assert not changed.any()
        return
    assert changed[95:165, 105:155].mean() > 20
    far = np.ones((SIDE, SIDE), bool)
    far[70:190, 75:185] = False
    assert changed[far].max() <= 3


def test_the_frames_of_a_moving_face_average_to_one_face(random: np.random.Generator) -> None:
    landmarks = np.array([[110, 110], [140, 110], [125, 128], [113, 145], [137, 145]], np.float32)
    portrait = Portrait(
        "A",
        random.integers(0, 256, (SIDE, SIDE, 3), np.uint8),
        (95.0, 85.0, 155.0, 165.0),
        landmarks,
    )
    clear = np.ones((1, 4), np.float32)
    shown = show_moving([portrait], [7], clear, HIDINGS["solid"].make(), random, (1, 3))
    assert {count: hidden.faces.shape for count, hidden in shown.items()} == {
        1: (1, 112, 112, 3),
        3: (1, 112, 112, 3),
    }
    assert shown[3].people.tolist() == [7]


def test_clear_faces_are_named_and_those_under_the_default_grid_are_not(
    shared: Path, random: np.random.Generator
) -> None:
    finder = LandmarkFinder(shared / "weights/yunet_n_dynamic.onnx")
    gallery, probes = read_people(shared / "data/lfw", finder)
    recogniser = Recogniser(shared / "weights/mobilefacenet.tflite")
    known = recogniser.embed_portraits(gallery[:60])
    people = range(60)
    named = {}
    for name in (CLEAR, DEFAULT):
        seen = show_stills(probes[:60], people, known, HIDINGS[name].make(), random)
        other = show_stills(gallery[:60], people, known, HIDINGS[name].make(), random)
        situation = Situation(seen, other, other, recogniser)
        closer = [attack(situation) for attack in (attackers.naive, attackers.parrot)]
        named[name] = [(~each.any(axis=1)).mean() for each in closer]
    assert min(named[CLEAR]) > 0.95
    assert max(named[DEFAULT]) < 0.1
