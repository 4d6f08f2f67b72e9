"""What a container hides at the edges of its pictures."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Margins:
    """Pixels at each edge of the stored picture that are not shown."""

    left: int = 0
    top: int = 0
    right: int = 0
    bottom: int = 0

    def fit(self, width: int, height: int) -> bool:
        """Tell whether they hide something of a picture of that size, and leave something."""
        sides = (self.left, self.top, self.right, self.bottom)
        return (
            any(sides)
            and min(sides) >= 0
            and self.left + self.right < width
            and self.top + self.bottom < height
        )
