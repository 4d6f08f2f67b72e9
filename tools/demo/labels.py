"""The labels of a video: the box of each face in each frame."""

import json
from pathlib import Path
from typing import NotRequired, TypedDict


class Label(TypedDict):
    """One face in one frame; `bbox` is x, y, width, height in pixels."""

    track: int
    bbox: list[float]


class Labels(TypedDict):
    """All faces of a video by frame; `cuts` are the indices of frames that begin a new shot."""

    width: int
    height: int
    frames: list[list[Label]]
    cuts: NotRequired[list[int]]


def read_labels(path: Path) -> Labels:
    """Read labels in the form in which `make_footage` writes them."""
    labels: Labels = json.loads(path.read_text())
    return labels
