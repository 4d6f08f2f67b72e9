"""How often the right person is named, and how sure that figure is."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import binomtest, hypergeom

_SURE = 1.96
"""Standard errors that hold 95 % of a normal distribution on either side of its mean."""


@dataclass(frozen=True)
class Rate:
    """A rank-1 rate: parts of 1. `low` and `high` bound it, `chance` is what guessing reaches."""

    rate: float
    low: float
    high: float
    chance: float

    def __str__(self) -> str:
        return f"{self.rate:.1%} ({self.low:.1%} to {self.high:.1%})"


def rate(closer: NDArray[np.bool_]) -> Rate:
    """How often nobody is closer than the right person, with the exact 95 % interval of Clopper and
    Pearson (1934).

    `closer` has shape (rounds, directions, people, people): whether a probe looks more like that
    person of the gallery than like the right one. Rounds repeat the same photos: they steady the
    rate, but are no trials of their own.
    """
    rounds, directions, people, _ = closer.shape
    hits = ~closer.any(axis=3)
    interval = binomtest(math.ceil(hits.sum() / rounds), directions * people).proportion_ci(
        method="exact"
    )
    return Rate(float(hits.mean()), float(interval.low), float(interval.high), 1 / people)


def rate_among(closer: NDArray[np.bool_], count: int) -> Rate:
    """The same in galleries of `count` people, fewer than there are: the mean over all that can be
    drawn.

    The chance that none of `count - 1` others who are drawn is closer follows from how many are.
    Trials share people, who are probes and in galleries too; the 95 % interval leaves each of them
    out in turn, as both: the jackknife for means over all subsets of Arvesen (1969).
    """
    people = closer.shape[-1]
    ahead = closer.sum(axis=3)
    found = _none_drawn(people - 1, ahead, count - 1)
    without = np.array(
        [
            np.delete(
                _none_drawn(people - 2, ahead - closer[..., left_out], count - 1), left_out, axis=2
            ).mean()
            for left_out in range(people)
        ]
    )
    error = math.sqrt((people - 1) / people * float(((without - without.mean()) ** 2).sum()))
    middle = float(found.mean())
    return Rate(
        middle, max(0.0, middle - _SURE * error), min(1.0, middle + _SURE * error), 1 / count
    )


def _none_drawn(others: int, closer: NDArray[np.intp], drawn: int) -> NDArray[np.float64]:
    """The chance that none of those `closer` is among `drawn` of `others`."""
    return np.asarray(hypergeom.pmf(0, others, closer, drawn))
