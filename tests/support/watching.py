"""Footage as tests look at it: decoded, and compared with what it was made of."""

import json
from collections.abc import Sequence
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray


def luma(path: Path) -> list[NDArray[np.uint8]]:
    """The luma planes of all frames, each of shape (height, width)."""
    with av.open(str(path)) as container:
        return [
            np.asarray(frame.to_ndarray(format="gray"), np.uint8)
            for frame in container.decode(video=0)
        ]


def times(path: Path) -> list[float]:
    """The seconds at which its frames are shown."""
    with av.open(str(path)) as container:
        return [float(frame.pts * frame.time_base) for frame in container.decode(video=0)]  # type: ignore[operator]


def labels(path: Path) -> list[list[tuple[int, int, int, int]]]:
    """Left, top, right and bottom of the faces in each frame of a labelled video."""
    frames = json.loads(path.with_suffix(".json").read_text())["frames"]
    return [[_corners(label["bbox"]) for label in frame] for frame in frames]


def likeness(first: NDArray[np.uint8], second: NDArray[np.uint8], box: Sequence[int]) -> float:
    """The correlation of the two pictures inside the middle of the box: 1 where it shows the same,
    0 where nothing."""
    left, top, right, bottom = box
    inset_x, inset_y = (right - left) // 5, (bottom - top) // 5
    window = np.s_[
        max(top + inset_y, 0) : bottom - inset_y, max(left + inset_x, 0) : right - inset_x
    ]
    a, b = first[window].astype(float), second[window].astype(float)
    a, b = a - a.mean(), b - b.mean()
    scale = float(np.sqrt((a * a).sum() * (b * b).sum()))
    return float((a * b).sum()) / scale if scale else 0.0


def _corners(box: Sequence[float]) -> tuple[int, int, int, int]:
    x, y, width, height = box
    return round(x), round(y), round(x + width), round(y + height)
