"""What a detector of the kind `yunet` answers with, for the network, its files and whoever reads them."""

STRIDES = (8, 16, 32)
"""Pixels of the input picture per cell, for each of the three grids of cells that every such network answers with."""

FINE_STRIDE = 4
"""Pixels per cell of the grid for the smallest faces, which a network may have besides."""

HEADS = {"cls": 1, "obj": 1, "bbox": 4}
"""The values that a cell answers with, and how many channels each takes."""


def outputs_of(strides: tuple[int, ...]) -> tuple[str, ...]:
    """The names of what a network with grids of these strides returns, in its order."""
    return tuple(f"{head}_{stride}" for stride in strides for head in HEADS)
