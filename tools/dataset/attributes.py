"""What WIDER FACE and its demographics say of each face, in `attributes.csv` beside the labels."""

import csv
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from anoncam.errors import InputError
from tools.dataset.dataset import LabelledPicture

FILE = "attributes.csv"


@dataclass(frozen=True)
class Attributes:
    """Attributes of one face, in the words of the data set; empty where nothing is said.

    `skin`, `age` and `gender` are what annotators perceived.
    """

    blur: str = ""
    illumination: str = ""
    occlusion: str = ""
    pose: str = ""
    skin: str = ""
    age: str = ""
    gender: str = ""

    @property
    def is_clear(self) -> bool:
        """Whether the face is neither heavily blurred or hidden, nor oddly turned or lit."""
        return (
            "heavy" not in (self.blur, self.occlusion)
            and self.pose != "atypical"
            and self.illumination != "extreme"
        )


def attributes_of(labelled: LabelledPicture) -> dict[int, Attributes]:
    """The attributes of a picture's faces by their number in it; none without the file.

    Raises:
        InputError: the file has another form.
    """
    path = labelled.path.parent.with_name(FILE)
    if not labelled.ids or not path.is_file():
        return {}
    known = _read(path)
    split = labelled.path.parent.name
    return {
        number: known[split, face]
        for number, face in enumerate(labelled.ids)
        if (split, face) in known
    }


@cache
def _read(path: Path) -> dict[tuple[str, str], Attributes]:
    try:
        with path.open(newline="") as file:
            return {
                (row["split"], row["annotation_id"]): Attributes(
                    **{name: row[name] for name in Attributes.__dataclass_fields__}
                )
                for row in csv.DictReader(file)
            }
    except KeyError as error:
        raise InputError(f"{path}: has no column {error}") from error
