import numpy as np
import pytest

pytest.importorskip("cv2", reason="OpenCV is not installed (make test-tools installs it)")
pytest.importorskip("sklearn", reason="scikit-learn is not installed (make test-tools installs it)")

from dataclasses import replace
from pathlib import Path

from tools.reidentify import attackers
from tools.reidentify.attackers import ATTACKERS
from tools.reidentify.methods import CLEAR, DEFAULT, METHODS
from tools.reidentify.portraits import LandmarkDetector, read_people
from tools.reidentify.recogniser import Recogniser, normalise
from tools.reidentify.situation import Hidden, Situation, join
from tools.reidentify.views import hide_stills


@pytest.fixture
def random() -> np.random.Generator:
    return np.random.default_rng(0)


PEOPLE = 40


def make_hidden(colours: np.ndarray, people: range, random: np.random.Generator) -> Hidden:
    """Noisy faces of the given colours, of shape (n, 3), with vectors that follow from these."""
    faces = (
        (colours[:, None, None, :] + random.normal(0, 6, (len(colours), 112, 112, 3)))
        .clip(0, 255)
        .astype(np.uint8)
    )
    clear = normalise((colours - 128).astype(np.float32))
    return Hidden(
        faces,
        faces,
        faces,
        random.normal(0, 1e-3, (len(colours), 4)).astype(np.float32),
        np.empty((len(colours), 0), np.float32),
        np.array(people),
        clear,
    )


@pytest.mark.parametrize("name", [name for name in ATTACKERS if "trained" in name])
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


def test_no_attacker_learns_from_the_people_whom_he_is_to_name(
    monkeypatch: pytest.MonkeyPatch, random: np.random.Generator
) -> None:
    known = make_hidden(random.integers(0, 256, (PEOPLE, 3)), range(PEOPLE), random)
    tested = np.zeros(PEOPLE, int)
    for chosen, learning in attackers._folds(Situation(known, known, join([known, known]), None)):  # type: ignore[arg-type]
        assert not set(np.flatnonzero(chosen)) & set(learning.people)
        tested += chosen
    assert (tested == 1).all()


def test_clear_faces_are_named_and_those_under_the_default_grid_are_not(
    shared: Path, random: np.random.Generator
) -> None:
    detector = LandmarkDetector(shared / "weights/yunet_n_dynamic.onnx")
    gallery, probes = read_people(shared / "data/lfw", detector)
    recogniser = Recogniser(shared / "weights/mobilefacenet.tflite")
    known = recogniser.embed_portraits(gallery[:60])
    people = range(60)
    named = {}
    for name in (CLEAR, DEFAULT):
        seen = hide_stills(probes[:60], people, known, METHODS[name], random)
        other = hide_stills(gallery[:60], people, known, METHODS[name], random)
        situation = Situation(seen, other, other, recogniser)
        closer = [attack(situation) for attack in (attackers.naive, attackers.parrot)]
        named[name] = [(~each.any(axis=1)).mean() for each in closer]
    assert min(named[CLEAR]) > 0.95
    assert max(named[DEFAULT]) < 0.1


class SameVector:
    """A recogniser to which all faces look the same."""

    def embed(self, faces: np.ndarray) -> np.ndarray:
        return np.ones((len(faces), 1), np.float32)


@pytest.mark.parametrize("name", ["naive", "parrot"])
def test_people_who_all_look_the_same_are_named_no_better_than_by_guessing(
    name: str, random: np.random.Generator
) -> None:
    grey = make_hidden(np.full((PEOPLE, 3), 128), range(PEOPLE), random)
    same = replace(grey, clear=np.ones((PEOPLE, 1), np.float32))
    closer = ATTACKERS[name](Situation(same, same, join([same, same]), SameVector()))  # type: ignore[arg-type]
    assert (~closer.any(axis=1)).sum() == 1
