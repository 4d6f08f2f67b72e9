"""The covered pixels of a frame, and the covered part of a labelled face."""

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from anoncam.anonymizer.grid import widen
from anoncam.config.schema import AnonymizerSettings
from tools.leakrate.labels import LabelledClip, Rectangle

Mask = NDArray[np.bool_]
"""Shape (height, width), true where a pixel is covered."""

HEAD = AnonymizerSettings(margin_side=0.25, margin_top=0.1, margin_bottom=0.1)
"""What belongs to a face, so that covering it is not false: ears, hair and chin. It is the same
whatever the margins in force are."""


def paint(boxes: Iterable[Rectangle], width: int, height: int, *, ellipses: bool = False) -> Mask:
    """Mark the pixels inside the boxes, or inside the `ellipses` that fill them."""
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


def faces_mask(labelled: LabelledClip, frame: int) -> Mask:
    """Mark every labelled face of a frame, with the part of the head that belongs to it."""
    boxes = [face.box for face in labelled.faces[frame]] + list(labelled.others[frame])
    widened = [widen((x, y, x + width, y + height), HEAD, 0) for x, y, width, height in boxes]
    rectangles = [(left, top, right - left, bottom - top) for left, top, right, bottom in widened]
    return paint(rectangles, labelled.width, labelled.height)


def covered_part(mask: Mask, box: Rectangle) -> float:
    """The part of a labelled box that is covered, from 0 to 1."""
    x, y, width, height = box
    inside = mask[
        max(0, int(y)) : int(np.ceil(y + height)), max(0, int(x)) : int(np.ceil(x + width))
    ]
    return float(inside.mean()) if inside.size else 1.0
