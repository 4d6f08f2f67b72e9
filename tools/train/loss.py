"""The loss of a batch: objectness, class and box of every cell, as YuNet was trained."""

from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn import functional

from tools.network.grid import Grid, decode, flatten
from tools.train.assignment import assign
from tools.train.box_loss import eiou_loss

_BOX_WEIGHT = 5.0

_HARD_NEGATIVE_WEIGHT = 3.0
"""How much more than other background the cells of a hard negative count."""


def detection_loss(
    outputs: tuple[Tensor, ...],
    faces: list[Tensor],
    grid: Grid,
    least_height: float,
    ignored: Sequence[Tensor] = (),
    hard_negatives: Sequence[Tensor] = (),
) -> Tensor:
    """Compute the loss of a batch, divided by the number of cells that are assigned to a face.

    `faces` are left, top, right, bottom for each picture. Faces lower than `least_height` pixels
    cannot be seen, so their cells count neither as face nor as background. The same holds for the
    cells of `ignored`. Those of `hard_negatives` count for more than other background. Both have
    boxes for each picture, or are empty.
    """
    classes, objects, deltas = flatten(outputs)
    boxes = decode(deltas, grid)
    total, cells = classes.new_zeros(()), 0
    for index, all_faces in enumerate(faces):
        seen = all_faces[:, 3] - all_faces[:, 1] >= least_height
        known, tiny = all_faces[seen], all_faces[~seen]
        with torch.no_grad():
            chosen, face, overlap = assign(
                classes[index].sigmoid() * objects[index].sigmoid(), boxes[index], known, grid
            )
            target = torch.zeros_like(objects[index])
            target[chosen] = 1.0
            counted = torch.ones_like(target, dtype=torch.bool)
            unknown = torch.cat([tiny, ignored[index]]) if ignored else tiny
            if len(unknown):
                counted = ~_cells_in(unknown, grid, margin=4) | (target > 0)
            weight = torch.ones_like(target)
            if hard_negatives and len(hard_negatives[index]):
                weight[_cells_in(hard_negatives[index], grid, margin=0)] = _HARD_NEGATIVE_WEIGHT
                weight[chosen] = 1.0
        total = total + functional.binary_cross_entropy_with_logits(
            objects[index][counted], target[counted], weight[counted], reduction="sum"
        )
        if len(chosen):
            total = total + functional.binary_cross_entropy_with_logits(
                classes[index][chosen], overlap, reduction="sum"
            )
            total = total + _BOX_WEIGHT * eiou_loss(boxes[index][chosen], known[face]).sum()
            cells += len(chosen)
    return total / max(1, cells)


def _cells_in(boxes: Tensor, grid: Grid, margin: float) -> Tensor:
    """Which cells have their middle in one of `boxes`, or up to `margin` pixels beside it."""
    middle = (grid.corners + grid.strides / 2)[:, None]
    return ((middle > boxes[:, :2] - margin) & (middle < boxes[:, 2:] + margin)).all(-1).any(1)
