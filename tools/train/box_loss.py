"""The overlap of boxes, and the loss of boxes that do not overlap enough.

The loss is EIoU: Zhang et al., "Focal and Efficient IOU Loss" (2021).
"""

import torch
from torch import Tensor


def iou(boxes: Tensor, faces: Tensor) -> Tensor:
    """Intersection over union of each of `boxes` (n, 4) with each of `faces` (m, 4)."""
    low = torch.maximum(boxes[:, None, :2], faces[:, :2])
    high = torch.minimum(boxes[:, None, 2:], faces[:, 2:])
    shared = (high - low).clamp(min=0).prod(-1)
    areas = (boxes[:, 2:] - boxes[:, :2]).prod(-1)[:, None] + (faces[:, 2:] - faces[:, :2]).prod(-1)
    return shared / (areas - shared).clamp(min=1e-6)


def eiou_loss(boxes: Tensor, faces: Tensor) -> Tensor:
    """1 - IoU, plus the distances of centre, width and height relative to the box around both.

    Each of `boxes` (n, 4) is compared with the face of the same row; the result has shape (n,).
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
