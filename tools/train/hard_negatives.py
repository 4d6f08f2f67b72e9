"""Hard negatives: what a network takes for a face away from every label, and the file of them."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

Boxes = NDArray[np.float64]
"""Shape (n, 4): left, top, right, bottom, in pixels of the picture."""

FILE = "hard-negatives.json"
"""The name of the file in the folder of a run."""

_NO_BOXES: Boxes = np.zeros((0, 4))


@dataclass(frozen=True, eq=False)
class HardNegatives:
    """What was found in one picture, away from its labels.

    `certain` shows no face. `doubtful` may be faces without a label: these count neither as face
    nor as background.
    """

    certain: Boxes
    doubtful: Boxes


NONE = HardNegatives(_NO_BOXES, _NO_BOXES)


def save(mined: Mapping[Path, HardNegatives], file: Path) -> None:
    """Write what was found in each picture, as a whole or not at all."""
    content = {
        str(picture): {name: boxes.round(1).tolist() for name, boxes in asdict(each).items()}
        for picture, each in mined.items()
    }
    partial = file.with_suffix(".partial")
    partial.write_text(json.dumps(content))
    partial.replace(file)


def load(file: Path) -> dict[Path, HardNegatives]:
    """Read what `save` has written."""
    return {
        Path(picture): HardNegatives(
            *(np.array(each[name], np.float64).reshape(-1, 4) for name in ("certain", "doubtful"))
        )
        for picture, each in json.loads(file.read_text()).items()
    }
