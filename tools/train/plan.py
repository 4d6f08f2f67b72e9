"""What decides how a run goes."""

from dataclasses import dataclass, field

from tools.train.samples import Augmentations


@dataclass(frozen=True)
class Plan:
    """The settings of a run; it resumes only with the plan that it began with."""

    epochs: int
    batch: int
    rate: float
    sides: tuple[int, ...]
    seed: int
    least_height: float
    augmentations: Augmentations = field(default_factory=Augmentations)
