"""What decides how a run goes."""

from dataclasses import dataclass, field
from typing import Literal

from tools.train.samples import Augmentations


@dataclass(frozen=True)
class Plan:
    """The settings of a run; it resumes only with the plan that it began with.

    `parts` are those that are trained: with `heads`, the class and objectness heads, and the units
    that they share.
    """

    epochs: int
    batch: int
    rate: float
    sides: tuple[int, ...]
    seed: int
    least_height: float
    parts: Literal["all", "heads"] = "all"
    hard_negatives: bool = False
    augmentations: Augmentations = field(default_factory=Augmentations)
