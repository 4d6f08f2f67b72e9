"""The inputs and outputs of a detector of the kind `yunet`."""

from dataclasses import dataclass

STRIDES = (8, 16, 32)
"""Pixels per cell of the three grids of cells, in the picture that the network processes."""


HEADS = {"cls": 1, "obj": 1, "bbox": 4}
"""The outputs of a cell, and the number of channels of each."""


OUTPUTS = tuple(f"{head}_{stride}" for stride in STRIDES for head in HEADS)
"""The names of the outputs, in the order in which the network returns them."""


LEAST_OBJECTNESS = -10.0
"""Lower values, down to -56, are stored as this in int8. It is a score of 0.007: surely no face."""


@dataclass(frozen=True)
class Size:
    """The size of a model's input, and the size to which its first operator enlarges it, in pixels.

    The sides are multiples of 32. Without enlargement, both sizes are the same.
    """

    width: int
    height: int
    enlarged_width: int
    enlarged_height: int

    def __str__(self) -> str:
        """The form that `size_option.parse_sizes` reads."""
        plain = f"{self.width}x{self.height}"
        return f"{plain}@{self.enlarged_width}x{self.enlarged_height}" if self.enlarges else plain

    @property
    def enlarges(self) -> bool:
        """Whether the network processes more pixels than the input has."""
        return (self.width, self.height) != (self.enlarged_width, self.enlarged_height)
