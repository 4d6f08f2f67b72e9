"""The cells that learn a face.

The assignment is SimOTA: Ge et al., "YOLOX: Exceeding YOLO Series in 2021".
"""

import torch
from torch import Tensor

from tools.network.grid import Grid
from tools.train.box_loss import iou

_RADIUS = 2.5


_CANDIDATES = 10


_IMPOSSIBLE = 1e5


def assign(
    scores: Tensor, boxes: Tensor, faces: Tensor, grid: Grid
) -> tuple[Tensor, Tensor, Tensor]:
    """Assign cells to faces.

    `scores` has shape (n,), `boxes` (n, 4), `faces` (m, 4).

    Returns:
        The assigned cells, the face of each, and the overlap of its box with that face.
    """
    if not len(faces):
        none = torch.zeros(0, dtype=torch.long)
        return none, none, scores.new_zeros(0)
    middle = (grid.corners + grid.strides / 2)[:, None]
    in_face = ((middle > faces[:, :2]) & (middle < faces[:, 2:])).all(-1)
    centre = (faces[:, :2] + faces[:, 2:]) / 2
    near = ((middle - centre).abs() < _RADIUS * grid.strides[:, None]).all(-1)
    (candidates,) = torch.nonzero((in_face | near).any(1), as_tuple=True)
    overlap = iou(boxes[candidates], faces)
    certain = (scores[candidates].sqrt().clamp(1e-6, 1 - 1e-6))[:, None]
    cost = -certain.log() - 3 * (overlap + 1e-8).log() + _IMPOSSIBLE * ~(in_face & near)[candidates]
    taken = torch.zeros_like(cost, dtype=torch.bool)
    wanted = overlap.topk(min(_CANDIDATES, len(candidates)), dim=0).values.sum(0).int().clamp(min=1)
    order = cost.argsort(dim=0)
    rank = torch.zeros_like(order).scatter_(
        0, order, torch.arange(len(order))[:, None].expand_as(order)
    )
    taken = rank < wanted
    # A cell that several faces want goes to the cheapest.
    best = cost.argmin(dim=1)
    several = taken.sum(1) > 1
    taken[several] = False
    taken[several, best[several]] = True
    cells, face = torch.nonzero(taken, as_tuple=True)
    return candidates[cells], face, overlap[cells, face]
