"""Pictures with boxes of faces, and the labels that are broken."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

DIFFICULTIES = ("easy", "medium", "hard", "none")
"""The difficulties of WIDER FACE; `none` marks faces that count in none of its sets."""


@dataclass(frozen=True)
class LabelledPicture:
    """A picture with its faces.

    `boxes` is float32 of shape (n, 4): x, y, width, height in pixels of the picture, which is
    `width` x `height`. `difficulties` has a difficulty of WIDER FACE for each box, or is empty.
    `ids` has what its labels call each face, or is empty.
    """

    path: Path
    width: int
    height: int
    boxes: NDArray[np.float32]
    difficulties: tuple[str, ...] = ()
    ids: tuple[str, ...] = ()


@dataclass(frozen=True)
class Broken:
    """A label that was left out: where it is, and what is wrong with it."""

    file: Path
    line: int
    reason: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.reason}"


@dataclass
class Dataset:
    """What was read: `kind` names the format of the labels."""

    kind: str
    pictures: list[LabelledPicture] = field(default_factory=list)
    broken: list[Broken] = field(default_factory=list)

    def __str__(self) -> str:
        heights = [height for picture in self.pictures for height in picture.boxes[:, 3]]
        sizes = f"; face height {min(heights):.0f} to {max(heights):.0f} px" if heights else ""
        broken = f"; {len(self.broken)} entries broken" if self.broken else ""
        return f"{self.kind}: {len(self.pictures)} pictures, {len(heights)} faces{sizes}{broken}"


Reader = Callable[[Path, Path], Dataset]
"""Reads a file or a folder of labels, for a folder of pictures."""


def line_of(text: str, offset: int) -> int:
    """The line, counted from 1, of the character at `offset`."""
    return text.count("\n", 0, max(0, offset)) + 1


def picture_size(path: Path) -> tuple[int, int] | None:
    """Width and height of a picture, or None if it cannot be read."""
    try:
        with Image.open(path) as picture:
            return picture.size
    except OSError:
        return None


def box_problem(box: list[float], width: int, height: int) -> str:
    """Describe what is wrong with a box of x, y, width, height in a picture of this size.

    The text is empty if nothing is wrong.
    """
    x, y, across, down = box
    if not all(np.isfinite(box)):
        return f"box {box} has a value that is not a number"
    if across <= 0 or down <= 0:
        return f"box {box} has no area"
    if x >= width or y >= height or x + across <= 0 or y + down <= 0:
        return f"box {box} lies outside the picture of {width}x{height}"
    return ""


def as_boxes(boxes: list[list[float]]) -> NDArray[np.float32]:
    """Boxes as an array of shape (n, 4), also where there are none."""
    return np.array(boxes, np.float32).reshape(-1, 4)
