"""Whether covered faces tell light skin from dark: `python -m tools.reidentify.skin_tone`.

The labels are skin types as annotators perceived them. They serve to measure what a box gives away,
and nothing else.
"""

import csv
import json
import os
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import click
import numpy as np
from numpy.typing import NDArray
from sklearn.decomposition import PCA
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import GroupKFold, cross_val_predict
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from tqdm import tqdm

from tools.common.errors import errors_in_one_line
from tools.dataset.dataset import LabelledPicture, as_boxes
from tools.reidentify.features import everything
from tools.reidentify.methods import CLEAR, CONTROL, DEFAULT, MEAN, METHODS, TONE, Method
from tools.reidentify.portraits import LandmarkDetector, Portrait, cut_portraits
from tools.reidentify.situation import Vectors
from tools.reidentify.views import hide_stills

LIGHT, DARK = ("I", "II"), ("V", "VI")
"""The skin types of Fitzpatrick (1988) that are compared."""

LEAST_HEIGHT = 40.0
"""Height of a face in pixels from which its landmarks are found."""

FOLDS = 5
"""Parts of the pictures. Faces of one picture are never in two of them."""

DRAWN = 2000
"""Samples of the bootstrap, which draws whole pictures."""

SHOWN = (CLEAR, MEAN, TONE, "solid", DEFAULT, CONTROL)

Labels = NDArray[np.bool_]
"""Shape (faces,): whether the skin is dark."""


@dataclass(frozen=True)
class Area:
    """An area under the ROC curve, of which one half is guessing, with its 95 % interval.

    `more` is by how much it is above the control's.
    """

    area: float
    low: float
    high: float
    more: float
    more_low: float
    more_high: float

    def __str__(self) -> str:
        return (
            f"{self.area:.3f} ({self.low:.3f} to {self.high:.3f})"
            f" | {self.more:+.3f} ({self.more_low:+.3f} to {self.more_high:+.3f})"
        )


@dataclass(frozen=True, eq=False)
class Faces:
    """Portraits, the picture of each, and whether its skin is dark."""

    portraits: list[Portrait]
    pictures: NDArray[np.intp]
    dark: Labels


def read_faces(data: Path, detector: LandmarkDetector, most: int) -> Faces:
    """Read up to `most` light and `most` dark faces of `data/faces`, evenly over its pictures."""
    portraits: list[Portrait] = []
    pictures: list[int] = []
    dark: list[bool] = []
    by_picture = list(_labelled(data / "faces"))
    for is_dark in (True, False):
        chosen = [(number, picture) for number, label, picture in by_picture if label is is_dark]
        np.random.default_rng(0).shuffle(chosen)
        found = 0
        for number, picture in tqdm(chosen, "dark" if is_dark else "light", disable=None):
            for portrait in cut_portraits([picture], detector, LEAST_HEIGHT):
                portraits.append(portrait)
                pictures.append(number)
                dark.append(is_dark)
                found += 1
            if found >= most:
                break
    return Faces(portraits, np.array(pictures), np.array(dark))


def _labelled(folder: Path) -> Iterator[tuple[int, bool, LabelledPicture]]:
    """Each picture with its number and its light or its dark faces."""
    labels: dict[str, dict[int, bool]] = {}
    with (folder / "attributes.csv").open() as file:
        rows = [row for row in csv.DictReader(file) if row["skin"] in LIGHT + DARK]
    for row in rows:
        labels.setdefault(row["split"], {})[int(row["annotation_id"])] = row["skin"] in DARK
    number = 0
    for split, known in sorted(labels.items()):
        content = json.loads((folder / f"{split}.json").read_text())
        boxes: dict[int, dict[bool, list[list[float]]]] = {}
        for each in content["annotations"]:
            if each["id"] in known:
                sides = boxes.setdefault(each["image_id"], {False: [], True: []})
                sides[known[each["id"]]].append(each["bbox"])
        for image in content["images"]:
            number += 1
            for is_dark, found in boxes.get(image["id"], {}).items():
                if found:
                    path = folder / split / image["file_name"]
                    yield (
                        number,
                        is_dark,
                        LabelledPicture(path, image["width"], image["height"], as_boxes(found)),
                    )


def read_features(faces: Faces, method: Method) -> Vectors:
    """What an attacker reads in the hidden pictures, background and box."""
    count = len(faces.portraits)
    nobody = np.zeros((count, 1), np.float32)
    random = np.random.default_rng(0)
    return everything(hide_stills(faces.portraits, range(count), nobody, method, random))


def guess(features: Vectors, faces: Faces) -> NDArray[np.float64]:
    """How dark each skin seems to an attacker who has learnt from the faces of other pictures."""
    learner = make_pipeline(
        StandardScaler(), PCA(0.95, random_state=0), LogisticRegression(C=0.01, max_iter=1000)
    )
    guessed = cross_val_predict(
        learner,
        features,
        faces.dark,
        groups=faces.pictures,
        cv=GroupKFold(FOLDS),
        method="decision_function",
    )
    return np.asarray(guessed)


def compare(guesses: dict[str, NDArray[np.float64]], faces: Faces) -> dict[str, Area]:
    """The area under the curve of each method, and by how much it exceeds the control's."""
    random = np.random.default_rng(0)
    members = [np.flatnonzero(faces.pictures == number) for number in np.unique(faces.pictures)]
    whole = np.arange(len(faces.dark))
    drawn = [
        np.concatenate([members[place] for place in random.integers(0, len(members), len(members))])
        for _ in range(DRAWN)
    ]
    areas = {
        name: np.array(
            [roc_auc_score(faces.dark[chosen], guessed[chosen]) for chosen in (whole, *drawn)]
        )
        for name, guessed in guesses.items()
    }
    return {
        name: Area(
            *_with_interval(found),
            *_with_interval(found - areas[CONTROL]),
        )
        for name, found in areas.items()
    }


def _with_interval(found: NDArray[np.float64]) -> tuple[float, float, float]:
    """The first value, and the interval that holds 95 % of the others."""
    low, high = np.percentile(found[1:], [2.5, 97.5])
    return float(found[0]), float(low), float(high)


def table(areas: dict[str, Area], faces: Faces) -> str:
    """The areas as a table in Markdown."""
    dark, pictures = int(faces.dark.sum()), len(np.unique(faces.pictures))
    title = f"{len(faces.dark) - dark} light and {dark} dark faces of {pictures} pictures"
    lines = [f"| {title} | area under the curve | beyond the control |", "|---|---|---|"]
    return "\n".join([*lines, *(f"| {name} | {each} |" for name, each in areas.items())])


@click.command(
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Example:  python -m tools.reidentify.skin_tone --faces 200",
)
@click.option(
    "--shared",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    default=os.environ.get("ANONCAM_SHARED", "../shared"),
    show_default=True,
    help="Folder with data/faces and weights.",
)
@click.option(
    "--faces",
    "most",
    type=click.IntRange(20),
    default=400,
    show_default=True,
    help="Most light, and most dark faces.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the figures as JSON.")
def main(shared: Path, most: int, as_json: bool) -> None:
    """Let an attacker guess from covered faces and what is around them whether skin is dark."""
    with errors_in_one_line():
        detector = LandmarkDetector(shared / "weights/yunet_n_dynamic.onnx")
        faces = read_faces(shared / "data", detector, most)
    guesses = {
        name: guess(read_features(faces, METHODS[name]), faces)
        for name in tqdm(SHOWN, "methods", disable=None)
    }
    areas = compare(guesses, faces)
    if as_json:
        click.echo(json.dumps({name: asdict(each) for name, each in areas.items()}, indent=2))
    else:
        click.echo(table(areas, faces))
