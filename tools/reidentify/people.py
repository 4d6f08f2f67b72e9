"""The people of the experiment, with the vectors of their clear portraits."""

from dataclasses import dataclass
from pathlib import Path

from tqdm import tqdm

from tools.dataset.formats import read_dataset
from tools.reidentify.portraits import LandmarkDetector, Portrait, cut_portraits, read_people
from tools.reidentify.recogniser import Recogniser
from tools.reidentify.situation import Vectors


@dataclass(frozen=True, eq=False)
class People:
    """All portraits, and the vectors of the clear ones; `others` are people to learn from."""

    gallery: list[Portrait]
    probes: list[Portrait]
    others: list[Portrait]
    gallery_clear: Vectors
    probes_clear: Vectors
    others_clear: Vectors


def read_all(
    data: Path, detector: LandmarkDetector, recogniser: Recogniser, named: int, faces: int
) -> People:
    """Read the first `named` people in `data`, and at most `faces` other faces to learn from.

    Raises:
        InputError: there are no such pictures.
    """
    gallery, probes = (each[:named] for each in read_people(data / "lfw", detector))
    pictures = read_dataset(data / "faces/train").pictures
    others: list[Portrait] = []
    for portrait in cut_portraits(
        tqdm(pictures, "faces to learn from", unit="picture", disable=None), detector
    ):
        others.append(portrait)
        if len(others) == faces:
            break
    embed = recogniser.embed_portraits
    return People(
        gallery,
        probes,
        others,
        embed(gallery),
        embed(probes),
        embed(tqdm(others, "clear", disable=None)),
    )
