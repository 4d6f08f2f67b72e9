"""The cells of all grids in a row, and the boxes that their outputs describe."""

from dataclasses import dataclass

import torch
from torch import Tensor

from tools.network.layout import STRIDES


@dataclass(frozen=True)
class Grid:
    """The cells of all strides in a row.

    `corners` has shape (n, 2) and `strides` (n, 1), both in pixels of the input.
    """

    corners: Tensor
    strides: Tensor


def make_grid(width: int, height: int) -> Grid:
    """Make the cells of an input of `width` x `height`, in the order of `flatten`."""
    corners, strides = [], []
    for stride in STRIDES:
        rows, columns = torch.meshgrid(
            torch.arange(height // stride), torch.arange(width // stride), indexing="ij"
        )
        corners.append(torch.stack((columns, rows), dim=-1).reshape(-1, 2) * float(stride))
        strides.append(torch.full((rows.numel(), 1), float(stride)))
    return Grid(torch.cat(corners), torch.cat(strides))


def flatten(outputs: tuple[Tensor, ...]) -> tuple[Tensor, Tensor, Tensor]:
    """Put the outputs of all strides in a row.

    Returns:
        Class and objectness, both of shape (batch, n), and box deltas of shape (batch, n, 4).
    """
    flat = [output.flatten(1, 2) for output in outputs]
    return (
        torch.cat(flat[0::3], 1).squeeze(-1),
        torch.cat(flat[1::3], 1).squeeze(-1),
        torch.cat(flat[2::3], 1),
    )


def decode(deltas: Tensor, grid: Grid) -> Tensor:
    """Decode deltas of shape (…, n, 4) to boxes of left, top, right, bottom."""
    centre = grid.corners + deltas[..., :2] * grid.strides
    half = deltas[..., 2:].clamp(max=8).exp() * grid.strides / 2
    return torch.cat((centre - half, centre + half), dim=-1)
