"""What a detector of the kind `yunet` takes and answers with, for the network, its files and
whoever reads them.
"""

from dataclasses import dataclass

STRIDES = (8, 16, 32)
"""Pixels per cell, of the picture that the network looks at, for each of the three grids of cells
that answer."""

HEADS = {"cls": 1, "obj": 1, "bbox": 4}
"""The values that a cell answers with, and how many channels each takes."""

OUTPUTS = tuple(f"{head}_{stride}" for stride in STRIDES for head in HEADS)
"""The names of what the network returns, in its order."""

LEAST_OBJECTNESS = -10.0
"""Lower ones, down to -56, are stored as this in int8: a score under 0.007 is no face, however sure
that is."""


@dataclass(frozen=True)
class Size:
    """The input of a model, and the size to which its first operator enlarges it; all in pixels.

    The sides are multiples of 32. Where nothing is enlarged, both are the same.
    """

    width: int
    height: int
    enlarged_width: int
    enlarged_height: int

    def __str__(self) -> str:
        """As `options.parse_sizes` reads it."""
        plain = f"{self.width}x{self.height}"
        return f"{plain}@{self.enlarged_width}x{self.enlarged_height}" if self.enlarges else plain

    @property
    def enlarges(self) -> bool:
        """Whether the network looks at more pixels than it is given."""
        return (self.width, self.height) != (self.enlarged_width, self.enlarged_height)
