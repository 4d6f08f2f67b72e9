"""What a program says that it covers, and what of it lies where no face is labelled."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from anoncam.anonymizer.grid import widen
from anoncam.config.schema import AnonymizerSettings
from anoncam.errors import InputError
from tools.leakrate.labels import Labelled, Rectangle

Mask = NDArray[np.bool_]
"""Shape (height, width)."""


@dataclass(frozen=True)
class Covered:
    """Frame by frame, what is covered: boxes as they are painted, or the ellipses in them."""

    ellipses: bool
    frames: list[list[Rectangle]]

    def write(self, path: Path) -> None:
        """Leave it in a JSON file."""
        path.write_text(json.dumps(asdict(self)))


def read_covered(path: Path) -> Covered:
    """What a program has left in `path`.

    Raises:
        InputError: the file is missing, or of another form.
    """
    try:
        content = json.loads(path.read_text())
        frames = [
            [(x, y, width, height) for x, y, width, height in frame] for frame in content["frames"]
        ]
        return Covered(bool(content["ellipses"]), frames)
    except OSError as error:
        raise InputError(
            f"{path}: {error.strerror}", "the program was to say there what it covers"
        ) from error
    except (ValueError, KeyError, TypeError) as error:
        raise InputError(
            f"{path}: does not say what is covered", f"{type(error).__name__}: {error}"
        ) from error


def paint(boxes: Iterable[Rectangle], width: int, height: int, *, ellipses: bool = False) -> Mask:
    """The pixels inside the boxes."""
    mask = np.zeros((height, width), bool)
    for box in boxes:
        x, y, across, down = box
        columns = slice(max(0, int(x)), max(0, int(np.ceil(x + across))))
        rows = slice(max(0, int(y)), max(0, int(np.ceil(y + down))))
        part = mask[rows, columns]
        if ellipses and part.size:
            from_left = (np.arange(part.shape[1]) + columns.start + 0.5 - x - across / 2) / (
                across / 2
            )
            from_top = (np.arange(part.shape[0]) + rows.start + 0.5 - y - down / 2) / (down / 2)
            part |= from_left[None, :] ** 2 + from_top[:, None] ** 2 <= 1
        else:
            part[:] = True
    return mask


def faces_mask(labelled: Labelled, frame: int) -> Mask:
    """Where a face is labelled, whatever its size, widened as the defaults of anoncam widen it."""
    settings = AnonymizerSettings()
    boxes = [face.box for face in labelled.faces[frame]] + list(labelled.others[frame])
    widened = [widen((x, y, x + width, y + height), settings, 0) for x, y, width, height in boxes]
    rectangles = [(left, top, right - left, bottom - top) for left, top, right, bottom in widened]
    return paint(rectangles, labelled.width, labelled.height)


def covered_part(mask: Mask, box: Rectangle) -> float:
    """The part of a labelled box that is covered."""
    x, y, width, height = box
    inside = mask[
        max(0, int(y)) : int(np.ceil(y + height)), max(0, int(x)) : int(np.ceil(x + width))
    ]
    return float(inside.mean()) if inside.size else 1.0


def reasons(
    leaks: Sequence[bool],
    tracks: Sequence[int],
    parts: Sequence[float],
    least: float = 0.2,
    most: float = 0.5,
) -> list[str]:
    """Why each face-frame leaks; empty where it does not.

    All are in the order of frames; `parts` tell how much of the labelled box is covered. A box that
    covers `least` of a face is too small for it; a track is found in a frame where `most` of it is
    covered.
    """
    found: dict[int, int] = {}
    for number, (track, part) in enumerate(zip(tracks, parts, strict=True)):
        if part >= most:
            found.setdefault(track, number)
    told = []
    for number, (leak, track, part) in enumerate(zip(leaks, tracks, parts, strict=True)):
        if not leak:
            told.append("")
        elif part >= least:
            told.append("box too small")
        elif track not in found:
            told.append("never detected")
        else:
            told.append("found late" if number < found[track] else "lost")
    return told
