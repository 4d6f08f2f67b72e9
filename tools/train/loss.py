"""The loss of a batch: objectness, class and box of every cell, as YuNet was trained."""

import torch
from torch import Tensor
from torch.nn import functional

from tools.network.grid import Grid, decode, flatten
from tools.train.assignment import assign
from tools.train.box_loss import eiou_loss

_BOX_WEIGHT = 5.0


def detection_loss(
    outputs: tuple[Tensor, ...], faces: list[Tensor], grid: Grid, least_height: float
) -> Tensor:
    """Compute the loss of a batch, divided by the number of cells that are assigned to a face.

    `faces` are left, top, right, bottom for each picture. Faces lower than `least_height` pixels
    cannot be seen, so their cells count neither as face nor as background.
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
            if len(tiny):
                middle = (grid.corners + grid.strides / 2)[:, None]
                near = ((middle > tiny[:, :2] - 4) & (middle < tiny[:, 2:] + 4)).all(-1).any(1)
                counted = ~near | (target > 0)
        total = total + functional.binary_cross_entropy_with_logits(
            objects[index][counted], target[counted], reduction="sum"
        )
        if len(chosen):
            total = total + functional.binary_cross_entropy_with_logits(
                classes[index][chosen], overlap, reduction="sum"
            )
            total = total + _BOX_WEIGHT * eiou_loss(boxes[index][chosen], known[face]).sum()
            cells += len(chosen)
    return total / max(1, cells)
