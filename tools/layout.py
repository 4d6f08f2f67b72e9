"""What a detector of the kind `yunet` answers with, for the network, its files and whoever reads them."""

STRIDES = (8, 16, 32)
"""Pixels of the input picture per cell, for each of the three grids of cells that answer."""

HEADS = {"cls": 1, "obj": 1, "bbox": 4}
"""The values that a cell answers with, and how many channels each takes."""

OUTPUTS = tuple(f"{head}_{stride}" for stride in STRIDES for head in HEADS)
"""The names of what the network returns, in its order."""
