"""How often the right person is named, and how sure that figure is."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import binomtest


@dataclass(frozen=True)
class Rate:
    """A rank-1 rate: parts of 1. `low` and `high` bound it, `chance` is what guessing reaches."""

    rate: float
    low: float
    high: float
    chance: float

    def __str__(self) -> str:
        return f"{self.rate:.1%} ({self.low:.1%} to {self.high:.1%})"


def rate(hits: NDArray[np.bool_]) -> Rate:
    """Of `hits`, of shape (rounds, directions, people), with the exact 95 % interval of Clopper and Pearson (1934).

    Rounds repeat the same photos, so they steady the rate but do not count as trials of their own.
    """
    rounds, directions, people = hits.shape
    trials = directions * people
    found = math.ceil(hits.sum() / rounds)
    interval = binomtest(found, trials).proportion_ci(method="exact")
    return Rate(float(hits.mean()), float(interval.low), float(interval.high), 1 / people)
