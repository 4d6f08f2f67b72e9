"""What a network's answers cost: which cells are to answer for which face, and how far they are
off.

The assignment is SimOTA (Ge et al., "YOLOX: Exceeding YOLO Series in 2021"), the box loss EIoU
(Zhang et al., "Focal and Efficient IOU Loss", 2021), as YuNet was trained.
"""

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

from tools.network.layout import STRIDES

_RADIUS = 2.5
_CANDIDATES = 10
_IMPOSSIBLE = 1e5
_BOX_WEIGHT = 5.0


@dataclass(frozen=True)
class Grid:
    """The cells of all levels in a row: `corners` (n, 2) and `strides` (n, 1), both in pixels of
    the input.
    """

    corners: Tensor
    strides: Tensor


def make_grid(width: int, height: int) -> Grid:
    """The cells of an input of `width` x `height`, in the order of `flatten`."""
    corners, strides = [], []
    for stride in STRIDES:
        rows, columns = torch.meshgrid(
            torch.arange(height // stride), torch.arange(width // stride), indexing="ij"
        )
        corners.append(torch.stack((columns, rows), dim=-1).reshape(-1, 2) * float(stride))
        strides.append(torch.full((rows.numel(), 1), float(stride)))
    return Grid(torch.cat(corners), torch.cat(strides))


def flatten(answers: tuple[Tensor, ...]) -> tuple[Tensor, Tensor, Tensor]:
    """The answers of all levels in a row: class and objectness (batch, n), box deltas (batch, n,
    4).
    """
    flat = [answer.flatten(1, 2) for answer in answers]
    return (
        torch.cat(flat[0::3], 1).squeeze(-1),
        torch.cat(flat[1::3], 1).squeeze(-1),
        torch.cat(flat[2::3], 1),
    )


def decode(deltas: Tensor, grid: Grid) -> Tensor:
    """Boxes as left, top, right, bottom, from deltas of shape (…, n, 4)."""
    centre = grid.corners + deltas[..., :2] * grid.strides
    half = deltas[..., 2:].clamp(max=8).exp() * grid.strides / 2
    return torch.cat((centre - half, centre + half), dim=-1)


def detection_loss(
    answers: tuple[Tensor, ...], faces: list[Tensor], grid: Grid, least_height: float
) -> Tensor:
    """The loss of a batch, per cell that answers for a face.

    `faces` are left, top, right, bottom for each picture. Cells in faces lower than `least_height`
    pixels are neither face nor background: what cannot be seen is not to be learned, nor to be
    denied.
    """
    classes, objects, deltas = flatten(answers)
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


def assign(
    scores: Tensor, boxes: Tensor, faces: Tensor, grid: Grid
) -> tuple[Tensor, Tensor, Tensor]:
    """The cells that answer for a face, that face, and how far their box overlaps it.

    `scores` has shape (n,), `boxes` (n, 4), `faces` (m, 4).
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
    # A cell that several faces want answers for the cheapest.
    best = cost.argmin(dim=1)
    several = taken.sum(1) > 1
    taken[several] = False
    taken[several, best[several]] = True
    cells, face = torch.nonzero(taken, as_tuple=True)
    return candidates[cells], face, overlap[cells, face]


def iou(boxes: Tensor, faces: Tensor) -> Tensor:
    """Intersection over union of each of `boxes` (n, 4) with each of `faces` (m, 4)."""
    low = torch.maximum(boxes[:, None, :2], faces[:, :2])
    high = torch.minimum(boxes[:, None, 2:], faces[:, 2:])
    shared = (high - low).clamp(min=0).prod(-1)
    areas = (boxes[:, 2:] - boxes[:, :2]).prod(-1)[:, None] + (faces[:, 2:] - faces[:, :2]).prod(-1)
    return shared / (areas - shared).clamp(min=1e-6)


def eiou_loss(boxes: Tensor, faces: Tensor) -> Tensor:
    """1 - IoU, plus the distances of centre, width and height in terms of the box around both;
    shape (n,).
    """
    low, high = torch.maximum(boxes[:, :2], faces[:, :2]), torch.minimum(boxes[:, 2:], faces[:, 2:])
    shared = (high - low).clamp(min=0).prod(-1)
    size, wanted = boxes[:, 2:] - boxes[:, :2], faces[:, 2:] - faces[:, :2]
    union = size.prod(-1) + wanted.prod(-1) - shared
    around = torch.maximum(boxes[:, 2:], faces[:, 2:]) - torch.minimum(boxes[:, :2], faces[:, :2])
    between = (boxes[:, :2] + boxes[:, 2:] - faces[:, :2] - faces[:, 2:]) / 2
    apart = between.square().sum(-1) / around.square().sum(-1).clamp(min=1e-6)
    differing = ((size - wanted).square() / around.square().clamp(min=1e-6)).sum(-1)
    return 1 - shared / union.clamp(min=1e-6) + apart + differing
